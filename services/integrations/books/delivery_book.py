"""The book of deliveries: every event × every subscription that wants it is noted once."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.integrations.books.queries import next_stretch, undelivered
from shared.books.queries import hold_run
from shared.books.rules import MOST, Asked, Book, Difference, Found
from shared.database import Database
from shared.ids import first_id_at

LATE: Final = timedelta(days=3)
"""Messages are compared in the order of their making; one that is heard so late is compared too.
What comes later still is compared by the whole run of a Sunday."""

NOTHING: Final = UUID(int=0)


async def check_deliveries(database: Database, asked: Asked) -> Found:
    """Compare what was heard since the book was sound with what was noted for partners."""
    after = NOTHING
    if asked.mark is not None:
        after = first_id_at(datetime.fromisoformat(asked.mark) - LATE)
    found: list[Difference] = []
    while len(found) < MOST:
        async with database.transaction() as session:
            await hold_run(session, asked.claim)
            stretch = await next_stretch(session, after)
            if stretch is None:
                break
            found += await undelivered(session, stretch, until=asked.until, limit=MOST - len(found))
            after = stretch.last
    return Found(found, asked.until.isoformat())


DELIVERIES: Final = Book("deliveries", check_deliveries)
