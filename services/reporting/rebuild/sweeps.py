"""A rebuild runs in a worker, never in the process that was asked for it."""

from datetime import datetime, timedelta, tzinfo

from services.reporting.rebuild.rebuild import rebuild_if_asked
from shared.database import Database
from shared.sweeps import Sweep

ASKED = timedelta(seconds=2)
"""A rebuild takes minutes; nobody notices two seconds before it."""


def rebuild_sweep(zone: tzinfo) -> Sweep:
    """Return the rebuilder."""

    async def run(database: Database, now: datetime) -> int:
        return await rebuild_if_asked(database, zone, now)

    return Sweep("rebuild", ASKED, run)
