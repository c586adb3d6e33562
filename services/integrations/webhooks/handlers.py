"""What is heard: everything that a partner may want to know."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.integrations.webhooks.take_events import take_events
from shared.clock import utcnow
from shared.contracts.registry import EVENTS
from shared.database import AFTER_COMMIT, Session
from shared.inbox.handlers import Handler, Received


def webhook_handlers(max_age: timedelta, wake: asyncio.Event) -> tuple[Handler, ...]:
    """Return a handler for each event that there is; a commit sets `wake` for who sends them."""

    async def hear(session: Session, received: Sequence[Received[Any]]) -> None:
        if await take_events(session, received, max_age=max_age, now=utcnow()):
            session.info.setdefault(AFTER_COMMIT, []).append(wake.set)

    return tuple(Handler(contract, hear) for contract in EVENTS.values())
