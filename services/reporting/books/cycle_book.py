"""The second book: closed cycles = invitations + suppressions, in the facts as in the figures."""

from collections.abc import Iterable
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
from shared.books.rules import MOST, Asked, Book, Difference, Found
from shared.database import Database


def cycle_book(zone: ZoneInfo) -> Book:
    """Return the book; its days are those of `zone`."""

    async def check(database: Database, asked: Asked) -> Found:
        return await check_cycles(database, asked, zone)

    return Book("cycles", check)


async def check_cycles(database: Database, asked: Asked, zone: ZoneInfo) -> Found:
    """Compare, day by day, the cycles of which the log told since the book was sound."""
    sound = 0 if asked.mark is None else int(asked.mark)
    async with database.transaction() as session:
        last = await last_position(session, asked.until)
        days: set[date] = await all_days(session) if asked.whole else set()
    found: dict[str, Difference] = {}
    for after, end in chunks(sound, last):
        async with database.transaction() as session:
            days |= await days_begun(session, after, end, zone.key)
            found |= _by_key(await uncounted(session, after, end))
    for day in sorted(days):
        async with database.transaction() as session:
            found |= _by_key(await day_differences(session, day))
        if len(found) > MOST:
            break
    return Found(await _settled(database, found, last), str(last))


async def _settled(database: Database, found: dict[str, Difference], last: int) -> list[Difference]:
    """Return the differences about which nothing was heard lately."""
    tickets = {key: ticket for key in found if (ticket := _ticket(key)) is not None}
    async with database.transaction() as session:
        young = await spoken_of_since(session, set(tickets.values()), last)
    return [found[key] for key in sorted(found) if tickets.get(key) not in young][:MOST]


def _ticket(key: str) -> UUID | None:
    try:
        return UUID(key.partition("/")[0])
    except ValueError:
        return None  # a sum, which is of no ticket


def _by_key(differences: Iterable[Difference]) -> dict[str, Difference]:
    return {one.key: one for one in differences}
