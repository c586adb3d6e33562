"""Where in the log a comparison begins and ends: only what is folded has a place there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import select

from services.reporting.log.tables import event_log
from shared.database import Session

CHUNK: Final = 50_000
"""Events a transaction: about a second, and no statement comes near its time-out."""


async def last_position(session: Session, until: datetime) -> int:
    """Return the position up to which everything was heard by an instant."""
    folded = event_log.c.position.is_not(None)
    latest = select(event_log.c.position).where(folded, event_log.c.heard_at <= until)
    return await session.scalar(latest.order_by(event_log.c.position.desc()).limit(1)) or 0


def chunks(after: int, last: int) -> Iterator[tuple[int, int]]:
    """Give the positions of a stretch of the log in parts: after one, up to another."""
    for first in range(after, last, CHUNK):
        yield first, min(first + CHUNK, last)
