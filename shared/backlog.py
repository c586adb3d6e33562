"""How much waits in a service's database: measured for whoever watches over it."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from shared.books.queries import counted_differences, last_finished
from shared.books.rules import Ledger
from shared.clock import utcnow
from shared.database import Database, Session
from shared.dead_letters.keep import DeadLetterState
from shared.dead_letters.tables import dead_letters
from shared.metrics import (
    BOOKS_COMPARED,
    BOOKS_DIFFERENCES,
    DEAD_LETTERS,
    OUTBOX_AGE,
    OUTBOX_WAITING,
)
from shared.outbox.backlog import outbox_backlog
from shared.service import Service
from shared.sweeps import Sweep

EVERY: Final = timedelta(seconds=15)
"""As often as Prometheus asks by default."""

SHOWN: Final = (DeadLetterState.WAITING, DeadLetterState.PARKED)


def backlog_sweep(service: Service) -> Sweep:
    """Return the sweep that keeps a service's gauges true."""
    began = utcnow()

    async def measure(database: Database, _now: datetime) -> int:
        async with database.transaction() as session:
            await _measure_outbox(session, service.name)
            await _measure_dead_letters(session, service.name)
            if service.ledger is not None:
                await _measure_books(session, service.name, service.ledger, began)
        return 0

    return Sweep("backlog", EVERY, measure)


async def _measure_outbox(session: Session, service: str) -> None:
    count, age = await outbox_backlog(session)
    OUTBOX_WAITING.labels(service).set(count)
    OUTBOX_AGE.labels(service).set(age.total_seconds())


async def _measure_dead_letters(session: Session, service: str) -> None:
    states = await session.execute(
        select(dead_letters.c.state, func.count()).group_by(dead_letters.c.state)
    )
    by_state: dict[str, int] = {state: n for state, n in states}  # noqa: C416 - rows, not pairs
    for state in SHOWN:
        DEAD_LETTERS.labels(service, state).set(by_state.get(state, 0))


async def _measure_books(session: Session, service: str, ledger: Ledger, began: datetime) -> None:
    found = await counted_differences(session)
    for book in ledger.books:
        new, staying = found.get(book.name, (0, 0))
        BOOKS_DIFFERENCES.labels(service, book.name, "new").set(new)
        BOOKS_DIFFERENCES.labels(service, book.name, "staying").set(staying)
    finished = await last_finished(session)
    BOOKS_COMPARED.labels(service).set((finished or began).timestamp())
