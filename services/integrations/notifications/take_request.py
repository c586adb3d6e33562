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
from shared.privacy.tombstones import erased_among


async def take_request(
    session: Session,
    vault: Vault,
    request: NotificationRequest,
    *,
    requested_at: datetime,
    origin: str,
    cause: Cause,
) -> None:
    """Write down a notice to be delivered.

    About what is not live nobody is written to, nor who was erased: of that notice nothing is kept
    but that it was not sent.
    """
    erased = bool(await erased_among(session, [request.customer_id]))
    reason = _reason_not_to_send(origin, erased=erased)
    notice = Notice(
        id=request.notification_id,
        customer_id=request.customer_id,
        template=request.template,
        parameters={} if erased else request.parameters,
        reference_kind=request.reference_kind,
        reference_id=request.reference_id,
        state=NoticeState.WAITING_CONTACT if reason is None else NoticeState.FAILED,
        reason=reason,
        channel=None,
        attempts=0,
        due_at=requested_at,
        requested_at=requested_at,
        expires_at=request.expires_at,
        settled_at=None if reason is None else requested_at,
        origin=origin,
        cause=cause,
    )
    if await insert_notice(session, vault, notice) and reason is not None:
        await tell_failed(session, notice, reason=reason, now=requested_at)


def _reason_not_to_send(origin: str, *, erased: bool) -> Reason | None:
    if erased:
        return Reason.CUSTOMER_ERASED
    return None if origin == Origin.LIVE else Reason.NOT_LIVE
