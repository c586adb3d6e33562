"""What becomes due: notices whose customer can be reached, and those tried again."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from services.integrations.notifications.deliver_notices import Delivery, deliver_next
from shared.database import Database
from shared.sweeps import Sweep

LANES: Final = 6
"""A mail that hangs holds up its own lane only. A mail server takes a tenth of a second or two: six
are some 30 mails a second, and few enough connections for any server."""

LOOK_EVERY: Final = timedelta(seconds=2)
"""For retries, and for what another process made due; what comes here wakes the lanes at once."""


def notice_sweeps(delivery: Delivery, wake: asyncio.Event) -> tuple[Sweep, ...]:
    """Return the sweeps of this capability: lanes that deliver one notice at a time."""

    async def deliver(database: Database, now: datetime) -> int:
        return await deliver_next(database, delivery, now=now)

    return tuple(Sweep(f"notices_{lane}", LOOK_EVERY, deliver, wake) for lane in range(LANES))
