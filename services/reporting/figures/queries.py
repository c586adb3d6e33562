"""Named reads of figures: sums by cell, single rows where the moment of a day counts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Table,
    Uuid,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array
from sqlalchemy.sql.selectable import FromClause

from services.reporting.directory.tables import category_copy
from services.reporting.facts.rules import Measure, Sums, second_of_day
from services.reporting.facts.tables import contributions
from services.reporting.figures.metric_rules import Shape
from services.reporting.figures.question_rules import Group, Part, Question
from services.reporting.figures.smallest_sum_queries import smallest_sums
from services.reporting.figures.vocabulary import TIMES, By
from shared.auth.directory import org_unit_copy
from shared.database import Session

Cells = dict[Group, dict[tuple[Measure, int], Sums]]

EXACT_UP_TO: Final = 100_000
"""Durations that are sorted for a percentile; above it the histogram is within 4.9 %."""

TREES: Final[Mapping[By, ColumnElement[Any]]] = {
    By.ORG_UNIT: org_unit_copy.c.org_unit_id,
    By.CATEGORY: category_copy.c.category_id,
}
"""What lies in a tree, with its own id: it counts in everything above it too."""


async def cells(
    session: Session,
    asked: Question,
    measures: Collection[Measure],
    *,
    since: bool = True,
    histogram: bool = False,
) -> Cells:
    """Return the sums of some measures by group, measure and bucket.

    `since=False` counts everything up to the end of the period, whenever it began. Of measures
    with a limit only those rows count whose limit has fallen due. Durations stand in one bucket
    or more, unless `histogram` wants to know in which.
    """
    found: Cells = defaultdict(lambda: defaultdict(Sums))
    table, counted, times = smallest_sums(asked, measures, since=since, histogram=histogram)
    columns = table.c.n, table.c.total, table.c.squares
    sums = tuple(func.sum(one if times is None else one * times) for one in columns)
    await _collect(session, found, _by_group(table, asked, sums).where(*counted))
    if asked.metric.due:
        value = contributions.c.value
        single = (func.count(), func.sum(value), func.sum(value * value))
        today = [contributions.c.day == asked.today, *rows_counted(asked, measures)]
        await _collect(session, found, _by_group(contributions, asked, single).where(*today))
    return found


async def durations(session: Session, asked: Question) -> dict[Group, list[int]]:
    """Return the values of the metric's rows by group, in ascending order."""
    source, group = _grouped(contributions, asked.by)
    value = contributions.c.value
    rows = await session.execute(
        select(group, func.array_agg(aggregate_order_by(value, value)))
        .select_from(source)
        .where(*rows_counted(asked, [asked.metric.measure]), *_visible(contributions, asked))
        .group_by(*_keys(asked, group))
    )
    return {key: values or [] for key, values in rows}


def rows_counted(asked: Question, measures: Collection[Measure]) -> list[ColumnElement[bool]]:
    """Return the conditions under which a contribution counts in the asked period."""
    table, period = contributions, asked.period
    if asked.metric.shape is Shape.STOCK:  # what had not ended when the period did
        ended_later = table.c.value > period.last.toordinal()
        return [table.c.measure.in_(measures), table.c.day <= period.last, ended_later]
    conditions: list[ColumnElement[bool]] = [
        table.c.measure.in_(measures),
        table.c.day.between(period.first, period.last),
    ]
    if asked.metric.due:
        second = second_of_day(asked.as_of, asked.zone)
        now = and_(table.c.day == asked.today, table.c.value <= second)
        conditions.append(or_(table.c.day < asked.today, now))
    return conditions


def visible(table: Table, part: Part, units: frozenset[UUID] | None) -> list[ColumnElement[bool]]:
    """Return the conditions of what is asked for and what the asker may see."""
    columns = table.c
    conditions: list[ColumnElement[bool]] = [
        columns[field.name] == value
        for field in fields(Part)
        if field.name not in TREES and (value := getattr(part, field.name)) is not None
    ]
    conditions += [
        within(by, columns[by.value], [value])
        for by in TREES
        if (value := getattr(part, by.value)) is not None
    ]
    if units is not None:
        conditions.append(within(By.ORG_UNIT, columns.org_unit_id, units))
    return conditions


def within(by: By, column: ColumnElement[Any], ids: Collection[UUID]) -> ColumnElement[bool]:
    """Return the condition that something in a tree is one of these, or below one of them."""
    own = TREES[by]
    below = select(own).where(own.table.c.path.bool_op("&&")(cast(sorted(ids), ARRAY(Uuid))))
    return or_(column.in_(ids), column.in_(below))


def _visible(table: Table, asked: Question) -> list[ColumnElement[bool]]:
    return visible(table, asked.part, asked.units)


def _by_group(table: Table, asked: Question, sums: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    source, group = _grouped(table, asked.by)
    statement = select(group, table.c.measure, table.c.bucket, *sums).select_from(source)
    keys = (table.c.measure, table.c.bucket)
    conditions = _visible(table, asked)
    if (
        asked.by is not None and asked.by in TREES
    ):  # what stands above is not asked for, nor his to see
        if (wanted := getattr(asked.part, asked.by.value)) is not None:
            conditions.append(within(asked.by, group, [wanted]))
        if asked.by is By.ORG_UNIT and asked.units is not None:
            conditions.append(within(asked.by, group, asked.units))
    return statement.where(*conditions).group_by(*keys, *_keys(asked, group))


def _keys(asked: Question, group: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [] if asked.by is None else [group]


@cache
def _grouped(table: Table, by: By | None) -> tuple[FromClause, ColumnElement[Any]]:
    """Return the rows and the column by which they are grouped; a tree's counts in all above."""
    if by is None:
        return table, literal(None)
    if by in TIMES:
        return table, cast(func.date_trunc(by.value, table.c.day), Date)
    column = table.c[by.value]
    if by not in TREES:
        return table, func.nullif(column, "")  # what has no such dimension
    own = TREES[by]
    path = func.coalesce(func.nullif(own.table.c.path, array([], type_=Uuid)), array([column]))
    above = func.unnest(path, type_=Uuid).table_valued("id", name="above").render_derived()
    source = table.outerjoin(own.table, own == column).join(above, true())
    return source, above.c.id


async def _collect(session: Session, found: Cells, statement: Select[Any]) -> None:
    for group, measure, bucket, n, total, squares in await session.execute(statement):
        if n:
            found[group][Measure(measure), bucket] += Sums(int(n), int(total), int(squares))
