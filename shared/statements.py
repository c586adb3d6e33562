"""Statements that every request runs: their text is made once, and the driver runs it itself.

SQLAlchemy looks for the compiled form, makes a cursor and a result, and changes from one greenlet
to another, every time: two to three times what the driver needs. A statement is written with Core
as any other; whether it runs here or there is the same to the database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

import asyncpg
from sqlalchemy import ARRAY, Delete, Insert, Select, Update
from sqlalchemy.dialects.postgresql import asyncpg as dialects
from sqlalchemy.types import TypeEngine

from shared.database import Session, driven
from shared.pool import driver_of

DIALECT: Final = dialects.dialect()  # type: ignore[no-untyped-call]

Process = Callable[[Any], Any]


class Found(asyncpg.Record):  # type: ignore[misc] # the driver has no types
    """A row whose columns are read by their names, as those of SQLAlchemy are."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement as the driver takes it: `arranged` puts what is given into its order.

    `own` has the values of what is not given; `processed` the places of those which the driver
    wants in another form.
    """

    sql: str
    arranged: Callable[[Mapping[str, Any]], Iterable[Any]]
    own: Mapping[str, Any]
    processed: Sequence[tuple[int, Process]]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """Return the arguments in their order."""
        values = list(self.arranged({**self.own, **given} if self.own else given))
        for place, process in self.processed:
            values[place] = process(values[place])
        return values


class Direct:
    """A statement that goes to the driver directly, in the session's transaction if it has one.

    Its errors are the driver's own, and `shared.trouble` knows them. Raises TypeError, when it is
    first run, for what only SQLAlchemy can do: lists that IN takes apart, values made by Python,
    and columns that it gives in a form of its own.
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        self._statement = statement
        self._texts: dict[tuple[str, ...], _Text] = {}

    async def rows(self, session: Session, values: Mapping[str, Any]) -> list[Found]:
        """Run it with these values, of columns and bound parameters; return what it gives."""
        names = tuple(values)
        text = self._texts.get(names)
        if text is None:
            text = self._texts[names] = _text_of(self._statement, names)
        driver = driver_of(session)
        rows: list[Found] = await driven(
            driver, driver.fetch(text.sql, *text.values(values), record_class=Found)
        )
        return rows

    async def row(self, session: Session, values: Mapping[str, Any]) -> Found | None:
        """Run it and return its only row, if there is one."""
        rows = await self.rows(session, values)
        return rows[0] if rows else None


def _text_of(statement: Any, names: Sequence[str]) -> _Text:
    compiled = statement.compile(dialect=DIALECT, column_keys=list(names))
    made = (compiled.post_compile_params, compiled.insert_prefetch, compiled.update_prefetch)
    if any(made) or not all(_is_plain(column.type) for column in statement.exported_columns):
        msg = f"only SQLAlchemy can run this statement: {compiled.string}"
        raise TypeError(msg)
    own, places = compiled.params, list(compiled.positiontup or ())
    processors = [_processor(compiled.binds[name].type) for name in places]
    return _Text(
        compiled.string,
        _arranging(places),
        {name: own[name] for name in places if name not in names},
        [(place, process) for place, process in enumerate(processors) if process is not None],
    )


def _arranging(places: Sequence[str]) -> Callable[[Mapping[str, Any]], Iterable[Any]]:
    """Return what gives the values of these names; `itemgetter` does it for two and more."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda given: [given[name] for name in places]


def _processor(kind: TypeEngine[Any]) -> Process | None:
    return kind.dialect_impl(DIALECT).bind_processor(DIALECT)


def _is_plain(kind: TypeEngine[Any]) -> bool:
    """Return whether a column's values are used as the driver gives them."""
    item = kind.item_type if isinstance(kind, ARRAY) else kind
    return item.dialect_impl(DIALECT).result_processor(DIALECT, None) is None
