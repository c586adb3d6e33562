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
from shared.trouble import is_away, where

EVERY: Final = timedelta(seconds=10)
"""A machine's clock drifts by a second a day; who sets it, or starts without a database, does not
work by the wrong time for long."""

log = structlog.get_logger()


async def keep_time(database: Database) -> None:
    """Set this process' clock by the database's. Raises what the driver raises without one."""
    async with database.transaction() as session:
        asked = time.monotonic()
        there = (await session.execute(select(func.clock_timestamp()))).scalar_one()
        way = timedelta(seconds=time.monotonic() - asked)
        ahead = set_clock(there + way / 2, doubt=way)  # at once: a commit takes its time
    if ahead:
        log.warning("clock_was_wrong", ahead_seconds=round(ahead.total_seconds(), 1))


async def begin_in_time(database: Database) -> None:
    """Keep the time before anything is due; a database that is away is asked at the next turn."""
    try:
        await keep_time(database)
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("clock_not_compared", reason=where(error))


async def _keep(database: Database, _now: datetime) -> int:
    await keep_time(database)
    return 0


TIMEKEEPING: Final = Sweep("clock", EVERY, _keep)
