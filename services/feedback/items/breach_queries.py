"""Claims of items whose promise is broken and was not told of."""

from datetime import datetime

from sqlalchemy import select

from services.feedback.items.queries import Item, item_of
from services.feedback.items.tables import items
from services.feedback.items.vocabulary import ItemClock
from shared.database import Session

KEPT_BY = {ItemClock.RESPONSE: items.c.replied_at, ItemClock.RESULT: items.c.resulted_at}


async def claim_broken(
    session: Session, clock: ItemClock, *, now: datetime, limit: int
) -> list[Item]:
    """Return up to `limit` items, passing over those another worker holds.

    One clock at a time and the longest overdue first, as its index has them: most items are never
    answered, so of both at once, or in the order of ids, the planner reads the whole table.
    """
    due_at = items.c[f"{clock}_due_at"]
    rows = await session.execute(
        select(items)
        .where(KEPT_BY[clock].is_(None), items.c[f"{clock}_overdue_at"].is_(None), due_at < now)
        .order_by(due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [item_of(row) for row in rows]
