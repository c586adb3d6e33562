"""The HTTP shape of a notice to one of our own people."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field


class StaffNoticeOut(BaseModel):
    """A notice in the reader's language, with the codes it was made of."""

    id: UUID
    template: str
    title: str
    text: str
    parameters: dict[str, str]
    reference_kind: str = Field(description="What it is about, such as loop_case")
    reference_id: UUID
    noticed_at: datetime
    read_at: datetime | None
