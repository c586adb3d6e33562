"""What becomes due: notices whose customer can be reached, and those tried again."""

from datetime import datetime, timedelta

from services.integrations.notifications.deliver_notices import Delivery, deliver_due
from shared.database import Database
from shared.sweeps import Sweep


def notice_sweeps(delivery: Delivery) -> tuple[Sweep, ...]:
    """Return the sweeps of this capability."""

    async def deliver(database: Database, now: datetime) -> int:
        return await deliver_due(database, delivery, now=now)

    return (Sweep("notices", timedelta(seconds=1), deliver),)
