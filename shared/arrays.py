"""Write many rows by one statement that takes each column as one array.

The statement is the same for every number of rows, so it is built, compiled and prepared once; the
driver's own way for many rows runs it once a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Table, Text, cast, func, select
from sqlalchemy import bindparam as parameter
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.types import TypeEngine


def insert_arrays(table: Table, names: Sequence[str]) -> Insert:
    """Return the insert of rows with these columns; `arrays` makes what it takes."""
    values = [_values(name, table.c[name].type) for name in names]
    return insert(table).from_select(list(names), select(*values))


def array(name: str, type_: TypeEngine[Any]) -> BindParameter[Any]:
    """Return the parameter of a statement that takes an array."""
    return parameter(name, type_=ARRAY(type_, dimensions=1))


def arrays(
    table: Table, names: Iterable[str], rows: Sequence[Mapping[str, Any]]
) -> dict[str, list[Any]]:
    """Return the columns of rows, as `insert_arrays` takes them; what a row lacks is null."""
    columns = {name: [row.get(name) for row in rows] for name in names}
    for name, values in columns.items():
        if isinstance(table.c[name].type, ARRAY):
            columns[name] = [None if ids is None else _literal(ids) for ids in values]
    return columns


def _values(name: str, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return a column of the rows; one that itself holds arrays of ids comes as text.

    PostgreSQL has no arrays of arrays of different lengths.
    """
    if isinstance(type_, ARRAY):
        return cast(func.unnest(array(name, Text())), type_)
    return func.unnest(array(name, type_))


def _literal(ids: Iterable[UUID]) -> str:
    return f"{{{','.join(map(str, ids))}}}"
