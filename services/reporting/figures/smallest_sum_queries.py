"""Which sums answer a question: the smallest that have its dimensions."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, and_, case, or_

from services.reporting.facts.rules import Measure
from services.reporting.facts.sum_rules import SPREAD_BY, Form
from services.reporting.facts.tables import figures, narrow_figures
from services.reporting.figures.period_rules import ONE_DAY, Period, nearest_months
from services.reporting.figures.question_rules import Question
from services.reporting.figures.vocabulary import By


class Smallest(NamedTuple):
    """A table of sums, which of its cells count, and how often each: once, or minus once."""

    table: Table
    cells: list[ColumnElement[bool]]
    times: ColumnElement[int] | None = None


def smallest_sums(
    asked: Question, measures: Collection[Measure], *, since: bool, histogram: bool
) -> Smallest:
    """Return where a question is answered; `since` and `histogram` as in `cells`."""
    last = min(asked.period.last, asked.today - ONE_DAY) if asked.metric.due else asked.period.last
    period = Period(asked.period.first if since else date.min, last)
    kept = len(asked.dimensions) <= 1 and (not histogram or asked.dimensions <= SPREAD_BY)
    if not (asked.narrow and kept):
        return Smallest(figures, [figures.c.measure.in_(measures), _within(figures, period)])
    sums = narrow_figures.c
    cells = [sums.measure.in_(measures), sums.dimension == next(iter(asked.dimensions), "")]
    if not histogram:
        by_day = (sums.form == Form.DAY, _within(narrow_figures, period))
        return Smallest(narrow_figures, [*cells, *by_day])
    parts = list(_parts(period, asked.by))
    less = [part for part, times in parts if times < 0]
    times = case((or_(*less), -1), else_=1) if less else None
    return Smallest(narrow_figures, [*cells, or_(*(part for part, _ in parts))], times)


def _parts(period: Period, by: By | None) -> Iterator[tuple[ColumnElement[bool], int]]:
    """Yield what makes up a period: months, and the days that these lack or have too many."""

    def cells(form: Form, some: Period) -> ColumnElement[bool]:
        return and_(narrow_figures.c.form == form, _within(narrow_figures, some))

    months = None if by in {By.DAY, By.WEEK} else nearest_months(period)
    if months is None:
        yield cells(Form.DAY_BUCKETS, period), 1
        return
    yield cells(Form.MONTH_BUCKETS, months), 1
    for days, times in (
        (Period(period.first, months.first - ONE_DAY), 1),
        (Period(months.last + ONE_DAY, period.last), 1),
        (Period(months.first, period.first - ONE_DAY), -1),
        (Period(period.last + ONE_DAY, months.last), -1),
    ):
        if days.first <= days.last:
            yield cells(Form.DAY_BUCKETS, days), times


def _within(table: Table, period: Period) -> ColumnElement[bool]:
    return table.c.day.between(period.first, period.last)
