"""The second book: closed cycles = invitations + suppressions, in the facts as in the figures."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from services.reporting.books.cycle_queries import (
    all_days,
    day_differences,
    days_begun,
    spoken_of_since,
    uncounted,
)
from services.reporting.books.log_queries import chunks, last_position
from shared.books.queries import hold_run
from shared.books.rules import MOST, Asked, Book, Difference, Found
from shared.database import Database, Session


def cycle_book(zone: ZoneInfo) -> Book:
    """Return the book; its days are those of `zone`."""

    async def check(database: Database, asked: Asked) -> Found:
        return await check_cycles(database, asked, zone)

    return Book("cycles", check)


async def check_cycles(database: Database, asked: Asked, zone: ZoneInfo) -> Found:
    """Compare, day by day, the cycles of which the log told since the book was sound."""
    sound = 0 if asked.mark is None else int(asked.mark)
    async with database.transaction() as session:
        await hold_run(session, asked.claim)
        last = await last_position(session, asked.until)
        days: set[date] = await all_days(session) if asked.whole else set()
    found: dict[str, Difference] = {}
    for after, end in chunks(sound, last):
        async with database.transaction() as session:
            await hold_run(session, asked.claim)
            days |= await days_begun(session, after, end, zone.key)
            found |= await _settled(session, await uncounted(session, after, end), last)
    for day in sorted(days):
        if len(found) >= MOST:
            break
        async with database.transaction() as session:
            await hold_run(session, asked.claim)
            found |= await _settled(session, await day_differences(session, day), last)
    return Found([found[key] for key in sorted(found)][:MOST], str(last))


async def _settled(
    session: Session, differences: Sequence[Difference], last: int
) -> dict[str, Difference]:
    """Return by their keys the differences about which nothing was heard lately."""
    tickets = {one.key: _ticket(one.key) for one in differences}
    young = await spoken_of_since(session, {one for one in tickets.values() if one}, last)
    return {one.key: one for one in differences if tickets[one.key] not in young}


def _ticket(key: str) -> UUID | None:
    try:
        return UUID(key.partition("/")[0])
    except ValueError:
        return None  # a sum, which is of no ticket
