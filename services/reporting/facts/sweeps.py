"""The folder runs at once when something was appended here, else every second."""

import asyncio
from datetime import datetime, timedelta, tzinfo

from services.reporting.facts.fold import fold_next
from shared.database import Database
from shared.sweeps import Sweep

NET = timedelta(seconds=1)
"""For what another process appended; polling faster only burns CPU."""


def fold_sweep(zone: tzinfo, wake: asyncio.Event) -> Sweep:
    """Return the folder; days of figures are those of `zone`."""

    async def run(database: Database, _now: datetime) -> int:
        return await fold_next(database, zone)

    return Sweep("fold", NET, run, wake)
