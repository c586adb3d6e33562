"""The HTTP shape of a notice: its envelope, never what it says or to whom."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.integrations.notifications.queries import Notice


class NoticeOut(BaseModel):
    """How far a notice is."""

    id: UUID
    template: str
    reference_kind: str
    reference_id: UUID
    state: str
    reason: str | None
    channel: str | None
    attempts: int
    origin: str
    requested_at: datetime
    expires_at: datetime
    settled_at: datetime | None


def notice_out(notice: Notice) -> NoticeOut:
    """Return a notice's envelope."""
    return NoticeOut.model_validate(notice, from_attributes=True)
