"""Statements that the driver runs itself do what SQLAlchemy would have done."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import (
    Column,
    Integer,
    PickleType,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.database import Database, new_metadata
from shared.pool import driver_of
from shared.statements import Direct
from shared.trouble import is_away
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.sample_service import sample_service, tallies

ADD = Direct(insert(tallies).returning(tallies))
RAISE = Direct(
    update(tallies)
    .where(tallies.c.id == bindparam("which"))
    .values(amount=tallies.c.amount + bindparam("more"))
    .returning(tallies.c.amount)
)
COUNT = Direct(select(func.count().label("many")).where(tallies.c.amount >= bindparam("least")))


@pytest.fixture
async def database(databases: Databases) -> Database:
    return await databases.open(sample_service())


async def many(database: Database, least: int = 0) -> int:
    async with database.transaction() as session:
        row = await COUNT.row(session, {"least": least})
        assert row is not None
        return int(row.many)


async def fail_after_two(database: Database) -> None:
    async with database.transaction() as session:
        await ADD.rows(session, {"id": uuid4(), "amount": 9})
        await session.execute(insert(tallies).values(id=uuid4(), amount=9))
        assert 1 / 0


async def test_it_runs_in_the_sessions_transaction(database: Database) -> None:
    first = {"id": uuid4(), "amount": 3}
    async with database.transaction() as session:
        (row,) = await ADD.rows(session, first)
        assert (row.id, row.amount) == (first["id"], 3)
        raised = await RAISE.row(session, {"which": first["id"], "more": 4})
        assert raised is not None
        assert raised.amount == await session.scalar(select(tallies.c.amount)) == 7
        assert await RAISE.row(session, {"which": uuid4(), "more": 4}) is None
    with pytest.raises(ZeroDivisionError):
        await fail_after_two(database)
    assert await many(database) == 1


async def test_json_goes_and_comes_as_with_sqlalchemy(database: Database) -> None:
    facts = {"words": "三天", "many": [1, None]}
    echo = Direct(select(bindparam("facts", type_=JSONB).label("facts")))
    async with database.transaction() as session:
        row = await echo.row(session, {"facts": facts})
    assert row is not None
    assert row.facts == facts


async def test_an_error_inside_a_savepoint_leaves_the_rest(database: Database) -> None:
    row = {"id": uuid4(), "amount": 3}
    async with database.transaction() as session:
        await ADD.rows(session, row)
        with pytest.raises(Exception, match="duplicate key") as refused:
            async with session.begin_nested():
                await ADD.rows(session, row)
        assert not is_away(refused.value)
    assert await many(database) == 1


async def test_without_a_transaction_each_statement_stands_for_itself(database: Database) -> None:
    session = await database.connect()
    await ADD.rows(session, {"id": uuid4(), "amount": 3})
    assert await many(database) == 1
    await database.roll_back(session)
    assert await many(database) == 1


async def test_a_lost_connection_is_a_database_that_is_away(
    databases: Databases, database: Database
) -> None:
    other = databases.connect(database.engine.url.render_as_string(hide_password=False))
    session = await database.connect()
    await database.begin(session)
    pid = await session.scalar(text("SELECT pg_backend_pid()"))
    async with other.transaction() as killer:
        await killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await until(driver_of(session).is_closed)
    with pytest.raises(ConnectionResetError) as lost:
        await COUNT.rows(session, {"least": 0})
    await database.roll_back(session)
    assert is_away(lost.value)
    assert await many(database) == 0


MADE_BY_PYTHON = Table("t", new_metadata(), Column("n", Integer, default=lambda: 7))


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (select(Column("facts", PickleType())), {}),
        (select(Column("facts", ARRAY(PickleType()))), {}),
        (
            select(tallies).where(tallies.c.amount.in_(bindparam("some", expanding=True))),
            {"some": [1]},
        ),
        (insert(MADE_BY_PYTHON), {}),
    ],
    ids=["its own form", "many of its own form", "a list in parts", "a value of Python's"],
)
async def test_what_only_sqlalchemy_can_do_is_refused(
    database: Database, statement: Any, values: dict[str, Any]
) -> None:
    async with database.transaction() as session:
        with pytest.raises(TypeError, match="only SQLAlchemy"):
            await Direct(statement).rows(session, values)
