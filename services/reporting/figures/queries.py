"""Named reads of figures: sums by cell, single rows where the moment of a day counts."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime, tzinfo
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
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql.selectable import FromClause

from services.reporting.facts.rules import Measure, Sums, day_of, second_of_day
from services.reporting.facts.tables import contributions, figures
from services.reporting.figures.metric_rules import Metric
from services.reporting.figures.period_rules import Period
from services.reporting.figures.vocabulary import TIMES, By
from shared.auth.directory import org_unit_copy
from shared.database import Session

Group = UUID | str | date | None
Cells = dict[Group, dict[tuple[Measure, int], Sums]]

EXACT_UP_TO: Final = 100_000
"""Durations that are sorted for a percentile; above it the histogram is within 4.9 %."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the figures is asked for; None leaves a dimension open.

    A unit stands for itself and all below it.
    """

    org_unit_id: UUID | None = None
    channel: str | None = None
    kind: str | None = None
    priority: str | None = None
    tier: str | None = None
    category_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `units` are those that the asker may see, with all below, None for all."""

    metric: Metric
    period: Period
    part: Part
    units: frozenset[UUID] | None
    as_of: datetime
    zone: tzinfo
    by: By | None = None

    @property
    def today(self) -> date:
        """Return the business day up to whose present second the figures are known."""
        return day_of(self.as_of, self.zone)


async def cells(
    session: Session, asked: Question, measures: Collection[Measure], *, since: bool = True
) -> Cells:
    """Return the sums of some measures by group, measure and bucket.

    `since=False` counts everything up to the end of the period, whenever it began. Of measures
    with a limit only those rows count whose limit has fallen due.
    """
    found: Cells = defaultdict(lambda: defaultdict(Sums))
    table, moment = figures, figures.c.day <= asked.period.last
    sums = (func.sum(table.c.n), func.sum(table.c.total), func.sum(table.c.squares))
    if asked.metric.due:
        moment = and_(moment, figures.c.day < asked.today)
    conditions = [table.c.measure.in_(measures), moment]
    if since:
        conditions.append(table.c.day >= asked.period.first)
    await _collect(session, found, _by_group(table, asked, sums).where(*conditions))
    if asked.metric.due:
        value = contributions.c.value
        single = (func.count(), func.sum(value), func.sum(value * value))
        today = [contributions.c.day == asked.today, *rows_counted(asked, measures)]
        await _collect(session, found, _by_group(contributions, asked, single).where(*today))
    return found


async def durations(session: Session, asked: Question) -> dict[Group, list[int]]:
    """Return the values of the metric's rows by group, in ascending order."""
    source, group = _grouped(contributions, asked)
    rows = await session.execute(
        select(group, contributions.c.value)
        .select_from(source)
        .where(*rows_counted(asked, [asked.metric.measure]), *_visible(contributions, asked))
        .order_by(contributions.c.value)
    )
    found: defaultdict[Group, list[int]] = defaultdict(list)
    for key, value in rows:
        found[key].append(value)
    return found


@dataclass(frozen=True, slots=True)
class CountedRow:
    """A row behind a figure: which ticket it is about, on which day it counts, and as what."""

    id: UUID
    ticket_id: UUID
    measure: str
    day: date
    org_unit_id: UUID | None
    channel: str
    category_id: UUID | None
    priority: str
    kind: str
    tier: str
    bucket: int
    value: int


async def counted_rows(
    session: Session, asked: Question, *, after: tuple[date, UUID] | None, limit: int
) -> list[CountedRow]:
    """Return the rows that a figure's n counts, by day."""
    table = contributions
    measure = asked.metric.whole or asked.metric.measure
    statement = select(*(table.c[field.name] for field in fields(CountedRow))).where(
        *rows_counted(asked, [measure]), *_visible(table, asked)
    )
    if after is not None:
        statement = statement.where(tuple_(table.c.day, table.c.id) > after)
    rows = await session.execute(statement.order_by(table.c.day, table.c.id).limit(limit))
    return [CountedRow(**row._asdict()) for row in rows]


def rows_counted(asked: Question, measures: Collection[Measure]) -> list[ColumnElement[bool]]:
    """Return the conditions under which a contribution counts in the asked period."""
    table = contributions
    conditions: list[ColumnElement[bool]] = [
        table.c.measure.in_(measures),
        table.c.day.between(asked.period.first, asked.period.last),
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
        if field.name != "org_unit_id" and (value := getattr(part, field.name)) is not None
    ]
    if part.org_unit_id is not None:
        conditions.append(within(columns.org_unit_id, [part.org_unit_id]))
    if units is not None:
        conditions.append(within(columns.org_unit_id, units))
    return conditions


def within(column: ColumnElement[Any], units: Collection[UUID]) -> ColumnElement[bool]:
    """Return the condition that a unit is one of these, or below one of them."""
    wanted = cast(sorted(units), ARRAY(Uuid))
    below = select(org_unit_copy.c.org_unit_id).where(org_unit_copy.c.path.bool_op("&&")(wanted))
    return or_(column.in_(units), column.in_(below))


def _visible(table: Table, asked: Question) -> list[ColumnElement[bool]]:
    return visible(table, asked.part, asked.units)


def _by_group(table: Table, asked: Question, sums: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    source, group = _grouped(table, asked)
    statement = select(group, table.c.measure, table.c.bucket, *sums).select_from(source)
    keys = (table.c.measure, table.c.bucket)
    conditions = _visible(table, asked)
    if asked.by is By.ORG_UNIT:  # what stands above is not his to see, nor asked for
        if asked.units is not None:
            conditions.append(within(group, asked.units))
        if asked.part.org_unit_id is not None:
            conditions.append(within(group, [asked.part.org_unit_id]))
    return statement.where(*conditions).group_by(*keys, *([] if asked.by is None else [group]))


def _grouped(table: Table, asked: Question) -> tuple[FromClause, ColumnElement[Any]]:
    """Return the rows and the column by which they are grouped; units count in all above them."""
    by = asked.by
    if by is None:
        return table, literal(None)
    if by in TIMES:
        return table, cast(func.date_trunc(by.value, table.c.day), Date)
    if by is not By.ORG_UNIT:
        return table, table.c[by.value]
    unit, copy = table.c.org_unit_id, org_unit_copy
    path = func.coalesce(copy.c.path, array([unit]))
    above = func.unnest(path, type_=Uuid).table_valued("unit", name="above").render_derived()
    source = table.outerjoin(copy, copy.c.org_unit_id == unit).join(above, true())
    return source, above.c.unit


async def _collect(session: Session, found: Cells, statement: Select[Any]) -> None:
    for group, measure, bucket, n, total, squares in await session.execute(statement):
        found[group][Measure(measure), bucket] += Sums(int(n), int(total), int(squares))
