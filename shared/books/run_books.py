"""Compare the books of a service: every night once, however many workers there are, or when asked.

A run is many transactions, none of which waits for another; its worker has it by a lease. One that
is broken off leaves the differences as they were, and another worker goes on with it.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog

from shared.books.ask_run import note_night
from shared.books.queries import (
    Run,
    claim_run,
    finish_run,
    hold_run,
    mark_of,
    replace_differences,
    tell_staying,
    write_mark,
)
from shared.books.rules import GRACE, Asked, Found, Ledger, Staying, TakenOverError, night_of
from shared.database import Database, Session

log = structlog.get_logger()


async def run_if_due(database: Database, ledger: Ledger, *, now: datetime) -> int:
    """Make the run that waits; return whether there was one that this process could make."""
    night = night_of(now, ledger.zone)
    async with database.transaction() as session:
        if night is not None:
            await note_night(session, night, now=now)
        run = await claim_run(session)
        if run is None:
            return 0
        asked = {book: await _asked(session, book.name, run, now) for book in ledger.books}
    try:
        found = {book.name: await book.check(database, what) for book, what in asked.items()}
        async with database.transaction() as session:
            await hold_run(session, run.claim)
            await _settle(session, run, found, ledger, now=now)
    except TakenOverError:
        return 0
    return 1


async def _asked(session: Session, book: str, run: Run, now: datetime) -> Asked:
    mark = None if run.whole else await mark_of(session, book)
    return Asked(mark, now - GRACE, whole=run.whole, claim=run.claim)


async def _settle(
    session: Session, run: Run, found: Mapping[str, Found], ledger: Ledger, *, now: datetime
) -> None:
    """Write what a run has found, and tell of what stays."""
    for book, one in found.items():
        mended = await replace_differences(session, book, one.differences, now=now)
        if not one.differences and one.mark is not None:
            await write_mark(session, book, one.mark)
        log.info("book_compared", book=book, differences=len(one.differences), mended=mended)
    staying = await tell_staying(session, now=now)
    if staying:
        await ledger.tell(session, Staying(run.id, staying), now)
    count = sum(len(one.differences) for one in found.values())
    await finish_run(session, run.id, now=now, differences=count)
