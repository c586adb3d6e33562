"""The log says where and by which rule something failed, and not with whose data."""

from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import Database
from shared.stacks import stack_of
from tests.support.databases import Databases

HIS: str = "换了球阀\n[SQL: of his]\n三天没人来"


class Small(BaseModel):
    amount: int


async def stack_after(database: Database, statement: str, **values: Any) -> str:
    """Return the stack of a statement that the database, or its driver, refuses."""
    with pytest.raises(DBAPIError) as refused:
        async with database.transaction() as session:
            await session.execute(text(statement), values)
    return stack_of((refused.type, refused.value, refused.tb))


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("INSERT INTO said VALUES (:his, NULL)", 'null value in column "amount" of relation'),
        ("INSERT INTO said VALUES (:his, 0)", 'violates check constraint "many"'),
        ("INSERT INTO said VALUES ('first', 1), (:his, 1)", 'violates unique constraint "once"'),
        ("INSERT INTO said VALUES (:his, CAST(CAST(:his AS text) AS integer))", "22P02"),
        ("SELECT CAST(:his AS integer)", "22000"),
        ("SELECT nothing, CAST(:his AS text)", 'column "nothing" does not exist'),
    ],
)
async def test_what_a_database_refuses_is_named_by_its_rule(
    databases: Databases, statement: str, says: str
) -> None:
    database = databases.connect(await databases.empty())
    async with database.transaction() as session:
        await session.execute(
            text(
                "CREATE TABLE said (words text, amount integer NOT NULL,"
                " CONSTRAINT many CHECK (amount > 0), CONSTRAINT once UNIQUE (amount))"
            )
        )
    stack = await stack_after(database, statement, his=HIS)
    assert says in stack
    assert "in stack_after" in stack
    assert not [line for line in HIS.splitlines() if line in stack]


def refused_by_a_model() -> None:
    try:
        Small.model_validate({"amount": HIS})
    except ValueError as error:
        raise LookupError("nothing there") from error


def test_what_a_model_refuses_is_named_by_its_place_and_causes_come_first() -> None:
    with pytest.raises(LookupError) as refused:
        refused_by_a_model()
    stack = stack_of((refused.type, refused.value, refused.tb))
    assert HIS not in stack
    assert "ValidationError: Small: amount: int_parsing" in stack
    assert stack.index("ValidationError") < stack.index("and then") < stack.index("LookupError")


def test_each_error_of_a_group_is_told() -> None:
    both = ExceptionGroup("two", [ValueError("the first"), KeyError("the second")])
    stack = stack_of((ExceptionGroup, both, None))
    assert "the first" in stack
    assert "the second" in stack
