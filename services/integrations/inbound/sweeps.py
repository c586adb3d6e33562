"""What becomes due: the mapping of what was received, and the end of old bodies."""

from datetime import datetime, timedelta
from typing import Final

from services.integrations.inbound.map_deliveries import map_received
from services.integrations.inbound.outcome_queries import drop_bodies
from shared.crypto.vault import Vault
from shared.database import Database
from shared.sweeps import Sweep

BATCH: Final = 500


def inbound_sweeps(vault: Vault, *, keep_bodies: timedelta) -> tuple[Sweep, ...]:
    """Return the sweeps of this capability."""

    async def map_them(database: Database, now: datetime) -> int:
        return await map_received(database, vault, now=now)

    async def drop(database: Database, now: datetime) -> int:
        async with database.transaction() as session:
            return await drop_bodies(session, before=now - keep_bodies, limit=BATCH)

    return (
        Sweep("inbound", timedelta(seconds=1), map_them),
        Sweep("inbound_bodies", timedelta(minutes=10), drop),
    )
