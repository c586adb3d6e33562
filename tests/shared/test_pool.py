"""Connections are shared: never more than were agreed, and none is lost by who goes away."""

import asyncio

import pytest
from sqlalchemy import Column, MetaData, Table, Uuid, select, text

from shared.database import Database
from shared.pool import Pool
from shared.trouble import is_away
from tests.support.databases import Databases
from tests.support.sample_service import sample_service

SIZE = 2


@pytest.fixture
async def database(databases: Databases) -> Database:
    return databases.connect(await databases.url(sample_service()), pool_size=SIZE)


async def backend(database: Database) -> int:
    async with database.transaction() as session:
        return int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_many_at_once_share_what_there_is(database: Database) -> None:
    pids = await asyncio.gather(*(backend(database) for _ in range(20)))
    assert len(set(pids)) == SIZE
    assert database.pool.in_use == 0


async def test_who_is_cancelled_at_any_step_takes_no_connection_with_him(
    database: Database,
) -> None:
    for steps in range(40):
        tasks = [asyncio.create_task(backend(database)) for _ in range(5)]
        for _ in range(steps):
            await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(10), database.transaction(), database.transaction():
        assert database.pool.in_use == SIZE
    assert database.pool.in_use == 0


async def test_who_waits_too_long_is_told_that_the_database_is_away(database: Database) -> None:
    database.pool = Pool(database.engine, 1, patience=0.05)
    async with database.transaction():
        with pytest.raises(TimeoutError) as refused:
            await backend(database)
    assert is_away(refused.value)
    assert await backend(database)


async def test_a_connection_that_cannot_be_opened_leaves_its_place_to_the_next() -> None:
    nowhere = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing", pool_size=1)
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await backend(nowhere)
    assert nowhere.pool.in_use == 0


async def test_what_one_sets_for_himself_does_not_hold_for_the_next(database: Database) -> None:
    elsewhere = {"schema_translate_map": {None: "elsewhere"}}
    async with database.transaction() as session:
        await session.execution_options(**elsewhere)
    table = Table("inbox", MetaData(), Column("message_id", Uuid))
    for _ in range(SIZE):
        async with database.transaction() as session:
            await session.execute(select(table))
    assert database.pool.in_use == 0
