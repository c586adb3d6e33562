"""What becomes due: broken promises are told, each once."""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_

from services.feedback.items.queries import lock_items
from services.feedback.items.tables import items
from services.feedback.items.tell_breaches import tell_breaches
from shared.crypto.vault import Vault
from shared.database import Database
from shared.sweeps import Sweep

BATCH = 50
"""Items a transaction: few enough that somebody who wants one of them does not wait."""


def item_sweeps(vault: Vault) -> tuple[Sweep, ...]:
    """Return the sweeps of this capability."""

    async def run(database: Database, now: datetime) -> int:
        async with database.transaction() as session:
            broken = or_(
                and_(
                    items.c.replied_at.is_(None),
                    items.c.response_overdue_at.is_(None),
                    items.c.response_due_at < now,
                ),
                and_(
                    items.c.resulted_at.is_(None),
                    items.c.result_overdue_at.is_(None),
                    items.c.result_due_at < now,
                ),
            )
            due = await lock_items(session, broken, limit=BATCH)
            for item in due:
                await tell_breaches(session, vault, item, now=now)
            return len(due)

    return (Sweep("feedback_overdue", timedelta(seconds=1), run),)
