"""What is heard: somebody wants to write to a customer."""

import asyncio
from collections.abc import Sequence

from services.integrations.notifications.take_request import take_request
from shared.contracts.integrations import NotificationRequest
from shared.crypto.vault import Vault
from shared.database import AFTER_COMMIT, Session
from shared.inbox.handlers import Handler, Received, on


def notification_handlers(vault: Vault, wake: asyncio.Event) -> tuple[Handler, ...]:
    """Return the handlers of this capability; a commit sets `wake` for who delivers."""

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
        session.info.setdefault(AFTER_COMMIT, []).append(wake.set)

    return (on(NotificationRequest, hear_requests),)
