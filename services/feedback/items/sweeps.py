"""What becomes due: broken promises are told, each once."""

from datetime import datetime, timedelta

from services.feedback.items.breach_queries import claim_broken
from services.feedback.items.tell_breaches import tell_breaches
from services.feedback.items.vocabulary import ItemClock
from shared.crypto.vault import Vault
from shared.database import Database
from shared.sweeps import Sweep

BATCH = 50
"""Items a transaction: few enough that somebody who wants one of them does not wait."""


def item_sweeps(vault: Vault) -> tuple[Sweep, ...]:
    """Return the sweeps of this capability."""

    async def run(database: Database, now: datetime) -> int:
        told = 0
        for clock in ItemClock:
            async with database.transaction() as session:
                broken = await claim_broken(session, clock, now=now, limit=BATCH)
                for item in broken:
                    await tell_breaches(session, vault, item, now=now)
            told += len(broken)
        return told

    return (Sweep("feedback_overdue", timedelta(seconds=1), run),)
