"""What is heard: somebody wants to write to a customer."""

from collections.abc import Sequence

from services.integrations.notifications.take_request import take_request
from shared.contracts.integrations import NotificationRequest
from shared.crypto.vault import Vault
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on


def notification_handlers(vault: Vault) -> tuple[Handler, ...]:
    """Return the handlers of this capability."""

    async def hear_requests(
        session: Session, received: Sequence[Received[NotificationRequest]]
    ) -> None:
        for one in sorted(received, key=lambda r: r.data.notification_id):
            await take_request(
                session,
                vault,
                one.data,
                requested_at=one.envelope.time,
                origin=one.envelope.origin,
                cause=one.cause,
            )

    return (on(NotificationRequest, hear_requests),)
