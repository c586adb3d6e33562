"""What is heard: somebody of our own people is to be told something."""

from collections.abc import Sequence

from services.integrations.staff_notices.queries import StaffNotice, insert_staff_notices
from shared.contracts.integrations import StaffNoticeRequest
from shared.crypto.vault import Vault
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on
from shared.messages.contract import Origin


def staff_notice_handlers(vault: Vault) -> tuple[Handler, ...]:
    """Return the handlers of this capability; about what is not live nobody is told."""

    async def hear_requests(
        session: Session, received: Sequence[Received[StaffNoticeRequest]]
    ) -> None:
        live = [one for one in received if one.envelope.origin == Origin.LIVE]
        unique = {one.data.notification_id: _notice(one) for one in live}
        await insert_staff_notices(session, vault, list(unique.values()))

    return (on(StaffNoticeRequest, hear_requests),)


def _notice(received: Received[StaffNoticeRequest]) -> StaffNotice:
    request = received.data
    return StaffNotice(
        id=request.notification_id,
        staff_id=request.staff_id,
        template=request.template,
        parameters=request.parameters,
        reference_kind=request.reference_kind,
        reference_id=request.reference_id,
        noticed_at=received.envelope.time,
        read_at=None,
    )
