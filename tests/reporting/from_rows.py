"""Sums once more, row by row: plainly, without cells, forms or SQL."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.reporting.figures.question_rules import Question
from services.reporting.figures.vocabulary import By
from tests.reporting.conftest import ZONE
from tests.reporting.lives import COMPANY, PATHS, TEAMS

DIMENSIONS = ("org_unit_id", "channel", "category_id", "priority", "kind", "tier")
TIMED = {"first_response", "resolution", "closed", "feedback_closed"}

Row = Any
Sums = dict[tuple[Any, ...], tuple[int, int, int]]


def added_up(keyed: Iterable[tuple[tuple[Any, ...], int, int, int]]) -> Sums:
    """Return n, total and squares by key; what has no rows is not there."""
    sums: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, *parts in keyed:
        for place, part in enumerate(parts):
            sums[key][place] += part
    return {key: (n, total, squares) for key, (n, total, squares) in sums.items() if n}


def narrow_sums(rows: Iterable[Row]) -> Sums:
    """Return what the narrow sums should be: by form, dimension, measure, day, place and bucket."""
    keyed = []
    for row in rows:
        timed, month = row.measure in TIMED, row.day.replace(day=1)
        forms: list[tuple[str, date, int, tuple[str, ...]]]
        forms = [("day", row.day, 0 if timed else row.bucket, ("", *DIMENSIONS))]
        if timed:
            forms.append(("day_buckets", row.day, row.bucket, ("", "org_unit_id")))
            forms.append(("month_buckets", month, row.bucket, ("", "org_unit_id")))
        for form, day, bucket, named in forms:
            for dimension in named:
                place = [getattr(row, one) if one == dimension else None for one in DIMENSIONS]
                key = (form, dimension, row.measure, day, *place, bucket)
                keyed.append((key, 1, row.value, row.value**2))
    return added_up(keyed)


def asked_sums(
    rows: Iterable[Row],
    asked: Question,
    measures: Collection[str],
    *,
    since: bool,
    histogram: bool,
) -> Sums:
    """Return what a question counts: by group, measure and bucket."""
    return added_up(
        ((group, row.measure, bucket_of(row, histogram=histogram)), 1, row.value, row.value**2)
        for row in rows
        if row.measure in measures and counts(row, asked, since=since)
        for group in groups(row, asked)
    )


def bucket_of(row: Row, *, histogram: bool) -> int:
    bucket: int = row.bucket
    return bucket if histogram or row.measure not in TIMED else 0


def counts(row: Row, asked: Question, *, since: bool) -> bool:
    """Return whether a row is of the period and the part, and its limit fell due."""
    if not (asked.period.first if since else date.min) <= row.day <= asked.period.last:
        return False
    now = asked.as_of.astimezone(ZONE)
    second = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    if asked.metric.due and (row.day, row.value) > (now.date(), int(second)):
        return False
    lines = {"org_unit_id": units(row.org_unit_id), "category_id": categories(row.category_id)}
    wanted = {one: value for one in DIMENSIONS if (value := getattr(asked.part, one)) is not None}
    seen = asked.units is None or asked.units & set(lines["org_unit_id"])
    return bool(seen) and all(
        value in lines.get(one, [getattr(row, one)]) for one, value in wanted.items()
    )


def groups(row: Row, asked: Question) -> Collection[Any]:
    """Return in which groups a row counts; none above what is asked for or may be seen."""
    day, by, part = row.day, asked.by, asked.part
    times = {
        None: None,
        By.DAY: day,
        By.WEEK: day - timedelta(days=day.weekday()),
        By.MONTH: day.replace(day=1),
        By.QUARTER: date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        By.YEAR: date(day.year, 1, 1),
    }
    if by is None or by in times:
        return [times[by]]
    if by is By.ORG_UNIT:
        below = [{part.org_unit_id}] if part.org_unit_id else []
        below += [] if asked.units is None else [set(asked.units)]
        return [one for one in units(row.org_unit_id) if all(set(units(one)) & of for of in below)]
    if by is By.CATEGORY:
        line = categories(row.category_id)
        return [one for one in line if part.category_id in {None, *categories(one)}]
    return [getattr(row, by) or None]


def units(id: UUID | None) -> Collection[UUID | None]:
    """Return a unit and all above it."""
    return [COMPANY, id] if id in set(TEAMS) - {None} else [id]


def categories(id: UUID | None) -> Collection[UUID | None]:
    return PATHS.get(id, (id,)) if id else (None,)
