"""Named writes of sums: by all dimensions at once, and beside these by each of them alone."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    SelectBase,
    Table,
    Text,
    any_,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert

from services.reporting.facts.rules import Key, Sums
from services.reporting.facts.sum_rules import DURATIONS, SPREAD_BY, Form
from services.reporting.facts.tables import DIMENSIONS, figures, fold_position, narrow_figures
from shared.arrays import array
from shared.database import Session

_SUMMED: Final = ("n", "total", "squares")
_CELL: Final = (*Key._fields, *_SUMMED)

_LEFT_BEHIND: Final = exists(
    select(fold_position.c.one).where(
        fold_position.c.summed.is_distinct_from(fold_position.c.position)
    )
)
"""A release without narrow sums has folded: they are not read until a rebuild makes them anew."""


def _adding(table: Table, names: Sequence[str], cells: SelectBase, constraint: str) -> Insert:
    statement = insert(table).from_select(list(names), cells)
    sums = {name: table.c[name] + statement.excluded[name] for name in _SUMMED}
    return statement.on_conflict_do_update(constraint=constraint, set_=sums)


def _alone(cells: FromClause, names: Sequence[str], bucket: ColumnElement[int]) -> Select[Any]:
    """Return the cells of a day summed by each of the dimensions alone, and by none."""
    column = cells.c
    named = case(*((func.grouping(column[name]) == 0, name) for name in names), else_="")
    others = {
        name: cast(null(), figures.c[name].type).label(name)
        for name in DIMENSIONS
        if name not in names
    }
    return (
        select(
            named.label("dimension"),
            column.measure,
            column.day,
            *(others.get(name, column[name]) for name in DIMENSIONS),
            bucket.label("bucket"),
            *(func.sum(column[name]).label(name) for name in _SUMMED),
        )
        .where(~_LEFT_BEHIND)
        .group_by(
            column.measure,
            column.day,
            bucket,
            func.grouping_sets(tuple_(), *(column[name] for name in names)),
        )
    )


def _by_month(daily: FromClause) -> Select[Any]:
    """Return the sums of days added up by month."""
    keys = {name: daily.c[name] for name in ("dimension", *Key._fields)}
    keys["day"] = cast(func.date_trunc("month", daily.c.day), Date).label("day")
    sums = (func.sum(daily.c[name]) for name in _SUMMED)
    return select(literal(Form.MONTH_BUCKETS), *keys.values(), *sums).group_by(*keys.values())


def _add_to_cells() -> Insert:
    """Return the statement that adds changes, which come as arrays, to all sums at once."""
    types = figures.c
    change = select(
        *(func.unnest(array(name, types[name].type)).label(name) for name in _CELL)
    ).cte("change")
    whole = _adding(figures, _CELL, select(change), "uq_figures_cell").cte("whole")
    spread = change.c.measure == any_(literal(sorted(DURATIONS), ARRAY(Text)))
    together = case((spread, 0), else_=change.c.bucket)
    days = _alone(change, DIMENSIONS, together).subquery()
    spreads = _alone(change, sorted(SPREAD_BY), change.c.bucket).where(spread).cte("spreads")
    narrow = union_all(
        select(literal(Form.DAY).label("form"), days),
        select(literal(Form.DAY_BUCKETS), spreads),
        _by_month(spreads),
    ).order_by("form", "dimension", "measure", "day", *DIMENSIONS, "bucket")
    names = ("form", "dimension", *_CELL)
    return _adding(narrow_figures, names, narrow, "uq_narrow_figures_cell").add_cte(whole)


_ADD_TO_CELLS: Final = _add_to_cells()
_DROP_EMPTY: Final = (
    delete(figures).where(figures.c.n == 0),
    delete(narrow_figures).where(narrow_figures.c.empty),
)


async def add_to_figures(session: Session, changes: Mapping[Key, Sums]) -> None:
    """Add to the cells, in one order for everybody; a cell without rows is no cell."""
    if not changes:
        return
    keys = sorted(changes, key=lambda key: key.order)
    columns: dict[str, Sequence[Any]] = dict(zip(Key._fields, zip(*keys, strict=True), strict=True))
    for name in _SUMMED:
        columns[name] = [getattr(changes[key], name) for key in keys]
    await session.execute(_ADD_TO_CELLS, columns)
    for statement in _DROP_EMPTY:
        await session.execute(statement)
