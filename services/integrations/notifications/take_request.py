"""Take a request for a notice: one row, whatever is repeated."""

from datetime import datetime

from services.integrations.notifications.queries import Notice, insert_notice
from services.integrations.notifications.telling import tell_failed
from services.integrations.notifications.vocabulary import NoticeState, Reason
from shared.contracts.integrations import NotificationRequest
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.messages.contract import Origin


async def take_request(
    session: Session,
    vault: Vault,
    request: NotificationRequest,
    *,
    requested_at: datetime,
    origin: str,
    cause: Cause,
) -> None:
    """Write down a notice to be delivered; about what is not live nobody is written to."""
    live = origin == Origin.LIVE
    notice = Notice(
        id=request.notification_id,
        customer_id=request.customer_id,
        template=request.template,
        parameters=request.parameters,
        reference_kind=request.reference_kind,
        reference_id=request.reference_id,
        state=NoticeState.WAITING_CONTACT if live else NoticeState.FAILED,
        reason=None if live else Reason.NOT_LIVE,
        channel=None,
        attempts=0,
        due_at=requested_at,
        requested_at=requested_at,
        expires_at=request.expires_at,
        settled_at=None if live else requested_at,
        origin=origin,
        cause=cause,
    )
    if await insert_notice(session, vault, notice) and not live:
        await tell_failed(session, notice, reason=Reason.NOT_LIVE, now=requested_at)
