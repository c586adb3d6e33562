"""Connections that the server ended, and statements that it never answers."""

import asyncio

import pytest
from sqlalchemy import text

from shared.database import Database
from shared.pool import driver_of
from shared.trouble import is_away
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.sample_service import sample_service

KILLED = text("SELECT pg_terminate_backend(:pid)")


async def pid_of(database: Database) -> int:
    async with database.transaction() as session:
        return int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_a_connection_that_the_server_ended_is_replaced_before_anybody_sees_it(
    databases: Databases,
) -> None:
    url = await databases.url(sample_service())
    database, other = databases.connect(url, pool_size=1), databases.connect(url)
    async with database.transaction() as session:
        driver = driver_of(session)
    ended = await pid_of(database)
    async with other.transaction() as session:
        assert await session.scalar(KILLED, {"pid": ended})
    await until(driver.is_closed)
    assert await pid_of(database) not in {0, ended}


async def test_a_statement_without_an_answer_is_given_up_and_the_next_one_is_served(
    databases: Databases,
) -> None:
    url = await databases.url(sample_service())
    database = Database(url, pool_size=1, command_timeout=0.2)
    with pytest.raises(TimeoutError) as given_up:
        async with database.transaction() as session:
            await session.execute(text("SELECT pg_sleep(60)"))
    assert is_away(given_up.value)
    assert await pid_of(database)
    await database.dispose()


async def test_what_was_broken_off_at_any_step_leaves_no_transaction_around_the_next(
    databases: Databases,
) -> None:
    url = await databases.url(sample_service())
    database, other = databases.connect(url, pool_size=1), databases.connect(url)
    async with database.transaction() as session:
        await session.execute(text("CREATE TABLE step (number int)"))

    async def work() -> None:
        async with database.transaction() as session:
            await session.execute(text("SELECT 1"))

    for number in range(60):
        task = asyncio.create_task(work())
        for _ in range(number // 2):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO step VALUES (:number)"), {"number": number})
        async with other.transaction() as session:
            assert await session.scalar(text("SELECT max(number) FROM step")) == number
