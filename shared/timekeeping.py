"""A process goes by the clock of its database, however wrong its machine's is.

All processes of a service then agree on what is due, and on whose lease has ended.
"""

import time
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func, select

from shared.clock import set_clock
from shared.database import Database
from shared.sweeps import Sweep

EVERY: Final = timedelta(seconds=30)
"""A machine's clock drifts by a second a day; faster is somebody who sets it."""

log = structlog.get_logger()


async def keep_time(database: Database) -> None:
    """Set this process' clock by the database's. Raises what the driver raises without one."""
    async with database.transaction() as session:
        asked = time.monotonic()
        there = (await session.execute(select(func.clock_timestamp()))).scalar_one()
        way = timedelta(seconds=time.monotonic() - asked)
    ahead = set_clock(there + way / 2, doubt=way)
    if ahead:
        log.warning("clock_was_wrong", ahead_seconds=round(ahead.total_seconds(), 1))


async def _keep(database: Database, _now: datetime) -> int:
    await keep_time(database)
    return 0


TIMEKEEPING: Final = Sweep("clock", EVERY, _keep)
