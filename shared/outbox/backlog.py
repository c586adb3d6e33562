"""How much the bus does not have yet, and for how long."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Interval, func, select, type_coerce

from shared.database import Session
from shared.outbox.tables import outbox

MOST_COUNTED: Final = 10_000
"""After hours without a broker there are millions, and who looks every 15 s must not count them."""


async def outbox_backlog(session: Session) -> tuple[int, timedelta]:
    """Return how many messages wait, and how long the first of them has done so.

    Looks at those that are due first, so many at most. Neither the time of what a message tells of
    counts, which for imported history is years ago, nor when it was first said: after a restore
    old ones wait anew.
    """
    waiting = (
        select(outbox.c.waits_from)
        .where(outbox.c.published_at.is_(None))
        .order_by(outbox.c.due_at)
        .limit(MOST_COUNTED)
        .subquery()
    )
    age = type_coerce(func.now() - func.min(waiting.c.waits_from), Interval)
    count, oldest = (await session.execute(select(func.count(), age))).one()
    return count, oldest or timedelta()
