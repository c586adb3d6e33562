"""How fresh the figures are."""

from dataclasses import dataclass
from datetime import datetime

from services.reporting.facts.queries import progress
from services.reporting.log.queries import waiting_since
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Freshness:
    """Up to when the figures are known.

    `as_of` is now when everything heard is folded, else since when the oldest event waits;
    `last_event_at` is the newest business time that was folded. `narrow` says that the sums by
    one dimension know as much as all others.
    """

    as_of: datetime
    position: int
    last_event_at: datetime | None
    narrow: bool


async def freshness(session: Session, *, now: datetime) -> Freshness:
    """Return up to when the facts know what was heard."""
    known = await progress(session)
    waiting = await waiting_since(session)
    return Freshness(
        min(waiting or now, now),
        known.position,
        known.last_event_at,
        known.summed == known.position,
    )
