"""Tell what became of a notice; it ends once, so its event is the first and last of it."""

from datetime import datetime
from typing import Final

from services.integrations.notifications.queries import Notice
from services.integrations.notifications.vocabulary import NoticeChannel, Reason
from shared.contracts.integrations import (
    NotificationDelivered,
    NotificationEvent,
    NotificationFailed,
)
from shared.database import Session
from shared.outbox.emit import Saying, emit

ONLY: Final = 1


async def tell_delivered(
    session: Session, notice: Notice, *, channel: NoticeChannel, now: datetime
) -> None:
    """Say that a notice was handed to the channel that reaches the customer."""
    event = NotificationDelivered(
        notification_id=notice.id,
        template=notice.template,
        reference_kind=notice.reference_kind,
        reference_id=notice.reference_id,
        channel=channel,
        delivered_at=now,
    )
    await _tell(session, notice, event, now)


async def tell_failed(session: Session, notice: Notice, *, reason: Reason, now: datetime) -> None:
    """Say that a notice reaches nobody."""
    event = NotificationFailed(
        notification_id=notice.id,
        template=notice.template,
        reference_kind=notice.reference_kind,
        reference_id=notice.reference_id,
        reason=reason,
        failed_at=now,
    )
    await _tell(session, notice, event, now)


async def _tell(session: Session, notice: Notice, event: NotificationEvent, now: datetime) -> None:
    await emit(session, Saying(event, notice.id, ONLY, now, notice.origin, notice.cause))
