"""What becomes due: deliveries to partners, and the end of their log."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from services.integrations.webhooks.deliver import Sending, deliver_next
from services.integrations.webhooks.delivery_queries import forget_before
from services.integrations.webhooks.measuring import MEASURE
from shared.database import Database
from shared.sweeps import Sweep

LANES: Final = 6
LANES_FOR_FAILING: Final = 3
"""Partners who do not answer hold up these at most; the others are for those who do."""

LOOK_EVERY: Final = timedelta(seconds=2)
"""For retries, and for what another process made due; what comes here wakes the lanes at once."""

KEPT: Final = timedelta(days=90)
FORGOTTEN_AT_ONCE: Final = 1000


def webhook_sweeps(sending: Sending, wake: asyncio.Event) -> tuple[Sweep, ...]:
    """Return the sweeps: lanes that deliver one at a time, one that forgets, one that measures."""

    def lane(number: int) -> Sweep:
        failing_too = number < LANES_FOR_FAILING

        async def deliver(database: Database, now: datetime) -> int:
            return await deliver_next(database, sending, now=now, failing_too=failing_too)

        return Sweep(f"webhooks_{number}", LOOK_EVERY, deliver, wake)

    return (*(lane(number) for number in range(LANES)), _FORGET, MEASURE)


async def _forget(database: Database, now: datetime) -> int:
    async with database.transaction() as session:
        return await forget_before(session, now - KEPT, limit=FORGOTTEN_AT_ONCE)


_FORGET: Final = Sweep("webhook_log", timedelta(minutes=10), _forget)
