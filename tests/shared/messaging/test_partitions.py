"""Weeks of rows come and go as tables; nothing unfinished goes, nothing that comes is refused."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import partitions
from shared.clock import utcnow
from shared.database import Database
from shared.ids import first_id_at, new_id
from shared.inbox.tables import INBOX_KEPT
from shared.outbox.tables import OUTBOX_KEPT
from shared.partitions import WEEK, WEEKS_AHEAD, keep_partitions, week_of
from tests.support.databases import Databases
from tests.support.sample_service import sample_service

TABLES = sample_service().all_partitioned


@pytest.fixture
async def database(databases: Databases) -> Database:
    return await databases.open(sample_service())


async def put(database: Database, instant: datetime, *, published: bool = True) -> UUID:
    """Put a row of that instant into the outbox."""
    row_id = UUID(int=first_id_at(instant).int + new_id().int % 2**62)
    async with database.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO outbox (id, type, version, subject, sequence, origin, time, "
                "correlation_id, published_at) VALUES (:id, 'sample.counted', 1, :id, 1, 'live', "
                "now(), 'x', CASE WHEN :published THEN now() END)"
            ),
            {"id": row_id, "published": published},
        )
    return row_id


async def place(database: Database, row_id: UUID) -> str | None:
    """Return the partition in which a row lies, None when it is gone."""
    async with database.transaction() as session:
        found = await session.scalar(
            text("SELECT tableoid::regclass::text FROM outbox WHERE id = :id"), {"id": row_id}
        )
        return None if found is None else str(found)


@pytest.mark.parametrize(
    ("instant", "monday"),
    [
        (datetime(2026, 11, 23, tzinfo=UTC), 23),
        (datetime(2026, 11, 25, 12, tzinfo=UTC), 23),
        (datetime(2026, 11, 29, 23, 59, 59, 999_999, tzinfo=UTC), 23),
        (datetime(2026, 11, 30, tzinfo=UTC), 30),
    ],
)
def test_a_week_begins_on_monday(instant: datetime, monday: int) -> None:
    assert week_of(instant) == datetime(2026, 11, monday, tzinfo=UTC)


async def test_a_new_id_lies_in_the_week_in_which_it_was_made(database: Database) -> None:
    before, made, after = utcnow(), new_id(), utcnow()
    assert first_id_at(before) <= made < first_id_at(after + timedelta(milliseconds=1))
    row_id = await put(database, before)
    monday = before.date() - timedelta(days=before.weekday())
    assert await place(database, row_id) == f"outbox_{monday:%Y%m%d}"


async def test_there_is_room_for_the_coming_weeks(database: Database) -> None:
    now = utcnow()
    for ahead in range(WEEKS_AHEAD + 1):
        row_id = await put(database, now + WEEK * ahead)
        assert await place(database, row_id) != "outbox_default"
    last = await put(database, week_of(now) + WEEK * (WEEKS_AHEAD + 1))
    assert await place(database, last) == "outbox_default"
    await keep_partitions(database, TABLES, now=now + WEEK * 10)
    later = await put(database, now + WEEK * 13)
    assert await place(database, later) != "outbox_default"


async def test_an_old_week_goes_when_all_of_it_is_finished(database: Database) -> None:
    now = utcnow()
    finished = await put(database, now)
    unfinished = await put(database, now + WEEK, published=False)
    await put(database, now + WEEK)
    week_ends = week_of(now) + WEEK
    await keep_partitions(database, TABLES, now=week_ends + OUTBOX_KEPT - timedelta(seconds=1))
    assert await place(database, finished) is not None
    await keep_partitions(database, TABLES, now=week_ends + OUTBOX_KEPT)
    assert await place(database, finished) is None
    await keep_partitions(database, TABLES, now=week_ends + WEEK + OUTBOX_KEPT)
    assert await place(database, unfinished) is not None
    async with database.transaction() as session:
        await session.execute(text("UPDATE outbox SET published_at = now()"))
    await keep_partitions(database, TABLES, now=week_ends + WEEK + OUTBOX_KEPT)
    assert await place(database, unfinished) is None


async def test_handled_messages_are_remembered_longer_than_they_are_kept(
    database: Database,
) -> None:
    assert INBOX_KEPT > 2 * OUTBOX_KEPT
    now = utcnow()
    async with database.transaction() as session:
        await session.execute(
            text("INSERT INTO inbox (message_id, type) VALUES (:id, 'x')"), {"id": new_id()}
        )

    async def remembered() -> int:
        async with database.transaction() as session:
            return int(await session.scalar(text("SELECT count(*) FROM inbox")) or 0)

    await keep_partitions(database, TABLES, now=now + INBOX_KEPT)
    assert await remembered() == 1
    await keep_partitions(database, TABLES, now=now + INBOX_KEPT + WEEK)
    assert await remembered() == 0


async def test_rows_that_came_before_their_week_do_not_stop_the_work(database: Database) -> None:
    now = utcnow()
    early = await put(database, now + WEEK * 6)
    waiting = await put(database, now + WEEK * 6, published=False)
    assert await place(database, early) == "outbox_default"
    for _ in range(2):
        await keep_partitions(database, TABLES, now=now + WEEK * 6)
    assert await place(database, early) == "outbox_default"
    next_week = await put(database, now + WEEK * 7)
    assert await place(database, next_week) != "outbox_default"
    await keep_partitions(database, TABLES, now=now + WEEK * 7 + OUTBOX_KEPT)
    assert await place(database, early) is None
    assert await place(database, waiting) == "outbox_default"


async def test_two_workers_keep_the_weeks_at_the_same_time(database: Database) -> None:
    now = utcnow() + WEEK * 20
    await asyncio.gather(*(keep_partitions(database, TABLES, now=now) for _ in range(4)))
    row_id = await put(database, now)
    assert await place(database, row_id) != "outbox_default"


async def test_the_work_gives_up_rather_than_stop_everybody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "LOCK_TIMEOUT", "20ms")
    async with database.transaction() as session:
        await session.execute(text("SELECT count(*) FROM outbox"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            await keep_partitions(database, TABLES, now=utcnow() + WEEK * 30)
    await put(database, utcnow())
