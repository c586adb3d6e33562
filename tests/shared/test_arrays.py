"""Many rows by one statement are the rows that were given."""

from typing import Any
from uuid import uuid4

from sqlalchemy import ARRAY, Column, Integer, MetaData, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.arrays import arrays, insert_arrays
from tests.support.databases import Databases

things = Table(
    "things",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("path", ARRAY(Uuid), nullable=False),
    Column("word", Text),
    Column("number", Integer),
    Column("data", JSONB),
)
NAMES = tuple(things.c.keys())


async def test_rows_come_back_as_they_were_given_whatever_is_in_them(databases: Databases) -> None:
    rows: list[dict[str, Any]] = [
        {"id": uuid4(), "path": (uuid4(), uuid4()), "word": "a,b{\"'}", "data": {"a": [1, None]}},
        {"id": uuid4(), "path": [], "word": "", "number": 0, "data": []},
        {"id": uuid4(), "path": [uuid4()], "number": -1},
    ]
    database = databases.connect(await databases.empty())
    async with database.transaction() as session:
        await session.run_sync(things.metadata.create_all)
        await session.execute(insert_arrays(things, NAMES), arrays(things, NAMES, rows))
        kept = {row.id: row._asdict() for row in await session.execute(select(things))}
    for row in rows:
        given: dict[str, Any] = dict.fromkeys(NAMES) | row
        assert kept[row["id"]] == given | {"path": list(given["path"])}


async def test_a_row_that_is_there_already_is_left_out_and_the_others_are_told(
    databases: Databases,
) -> None:
    first, second = {"id": uuid4(), "path": []}, {"id": uuid4(), "path": []}
    database = databases.connect(await databases.empty())
    add = insert_arrays(things, NAMES).on_conflict_do_nothing().returning(things.c.id)
    async with database.transaction() as session:
        await session.run_sync(things.metadata.create_all)
        for rows, new in (([first], {first["id"]}), ([first, second], {second["id"]})):
            assert set(await session.scalars(add, arrays(things, NAMES, rows))) == new
