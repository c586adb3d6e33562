"""Runs over the books: one a night, by a lease, and none is lost or begun twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.reporting.books import log_queries
from shared.books.queries import claim_run, hold_run
from shared.books.rules import TakenOverError
from shared.database import Database
from tests.reporting.conftest import Desk
from tests.reporting.recount import lives
from tests.reporting.spoken import spoken
from tests.reporting.test_books import BOOKS, NOON, compare, differences, numbered

REFUSE = (
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$"
)
REFUSE_TO_COUNT = (
    "CREATE TRIGGER refused BEFORE UPDATE ON books.tally_position"
    " FOR EACH ROW WHEN (NEW.position > 20) EXECUTE FUNCTION refuse()"
)
COUNT_AGAIN = "DROP TRIGGER refused ON books.tally_position"
REFUSE_TO_FORGET = (
    "CREATE TRIGGER refused BEFORE TRUNCATE ON books.tallies EXECUTE FUNCTION refuse()"
)
SILENT = "UPDATE book_run SET touched_at = touched_at - interval '3 minutes'"


async def execute(desk: Desk, *statements: str) -> None:
    async with desk.database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


async def counted(desk: Desk) -> int:
    async with desk.database.transaction() as session:
        return await session.scalar(text("SELECT position FROM books.tally_position")) or 0


async def test_a_night_has_one_run_however_many_workers_there_are(desk: Desk) -> None:
    await desk.hear(numbered(spoken(lives(Random(32), 2, 2))), at_once=50)
    await desk.fold()
    early = NOON.replace(hour=18)  # two o'clock of the next morning
    made = [sum(await asyncio.gather(*(compare(desk, NOON) for _ in range(5)))), 0]
    made[1] = await compare(desk, early)
    assert made == [1, 0]
    assert await compare(desk, early + timedelta(hours=1)) == 1
    async with desk.database.transaction() as session:
        nights = list(await session.scalars(text("SELECT night FROM book_run ORDER BY night")))
    assert nights == [NOON.date(), NOON.date() + timedelta(days=1)]


async def test_a_run_that_was_broken_off_goes_on_where_it_was_with_a_single_connection(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_queries, "CHUNK", 20)
    await desk.hear(numbered(spoken(lives(Random(36), 6, 6))), at_once=100)
    await desk.fold()
    await desk.operator.post(f"{BOOKS}/runs", {"whole": True})
    single = Database(desk.database.engine.url.render_as_string(hide_password=False), pool_size=1)
    desk = replace(desk, database=single)
    try:
        await execute(desk, REFUSE, REFUSE_TO_COUNT)
        with pytest.raises(DBAPIError, match="refused"):
            await compare(desk, NOON)
        assert await counted(desk) == 20
        await execute(desk, COUNT_AGAIN, REFUSE_TO_FORGET)
        assert await compare(desk, NOON) == 0  # who makes it may still live

        await execute(desk, SILENT)
        assert await compare(desk, NOON) == 1
        assert await counted(desk) > 20
        assert await differences(desk) == {}
    finally:
        await single.dispose()


async def test_who_was_silent_for_too_long_writes_nothing_more(desk: Desk) -> None:
    await desk.operator.post(f"{BOOKS}/runs", {"whole": True})
    async with desk.database.transaction() as session:
        mine = await claim_run(session)
        assert mine is not None
        assert await claim_run(session) is None
    await execute(desk, SILENT)
    async with desk.database.transaction() as session:
        await hold_run(session, mine.claim)
    async with desk.database.transaction() as session:
        assert await claim_run(session) is None  # it was heard of
    await execute(desk, SILENT)
    async with desk.database.transaction() as session:
        assert await claim_run(session) is not None
    async with desk.database.transaction() as session:
        with pytest.raises(TakenOverError):
            await hold_run(session, mine.claim)
