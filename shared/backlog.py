"""How much waits in a service's database: measured for whoever watches over it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from shared.database import Database
from shared.dead_letters.keep import DeadLetterState
from shared.dead_letters.tables import dead_letters
from shared.metrics import DEAD_LETTERS, OUTBOX_AGE, OUTBOX_WAITING
from shared.outbox.tables import outbox
from shared.sweeps import Sweep

EVERY: Final = timedelta(seconds=15)
"""As often as Prometheus asks by default."""

SHOWN: Final = (DeadLetterState.WAITING, DeadLetterState.PARKED)


def backlog_sweep(service: str) -> Sweep:
    """Return the sweep that keeps a service's gauges true."""

    async def measure(database: Database, now: datetime) -> int:
        waiting = outbox.c.published_at.is_(None)
        async with database.transaction() as session:
            count, oldest = (
                await session.execute(select(func.count(), func.min(outbox.c.time)).where(waiting))
            ).one()
            states = await session.execute(
                select(dead_letters.c.state, func.count()).group_by(dead_letters.c.state)
            )
            by_state: dict[str, int] = {state: n for state, n in states}  # noqa: C416 - rows, not pairs
        OUTBOX_WAITING.labels(service).set(count)
        OUTBOX_AGE.labels(service).set((now - oldest).total_seconds() if oldest else 0)
        for state in SHOWN:
            DEAD_LETTERS.labels(service, state).set(by_state.get(state, 0))
        return 0

    return Sweep("backlog", EVERY, measure)
