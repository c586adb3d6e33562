"""Periods of whole business days, and the days, weeks and months that they are made of."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.reporting.figures.vocabulary import By

ONE_DAY = timedelta(days=1)
MONTHS: Final = {By.MONTH: 1, By.QUARTER: 3, By.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        length = timedelta(days=self.days)
        return Period(self.first - length, self.last - length)

    @property
    def year_before(self) -> "Period":
        """The same days of the year before."""
        return Period(_a_year_before(self.first), _a_year_before(self.last))


def _a_year_before(day: date) -> date:
    """Return the same day of the year before, of a 29 February the 28th."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap_day else day.day)


def start_of(day: date, by: By) -> date:
    """Return the first day of the day, week (from Monday), month … that a day belongs to."""
    if by is By.WEEK:
        return day - timedelta(days=day.weekday())
    months = MONTHS.get(by)
    if months is None:
        return day
    return date(day.year, day.month - (day.month - 1) % months, 1)


def end_of(start: date, by: By) -> date:
    """Return the last day of what begins on `start`."""
    if by is By.WEEK:
        return start + timedelta(days=6)
    months = MONTHS.get(by)
    if months is None:
        return start
    after = start.month - 1 + months
    return date(start.year + after // 12, after % 12 + 1, 1) - ONE_DAY


def pieces(period: Period, by: By) -> list[Period]:
    """Return the days, weeks or months of a period, cut where it begins and ends."""
    found = []
    first = period.first
    while first <= period.last:
        last = min(end_of(start_of(first, by), by), period.last)
        found.append(Period(first, last))
        first = last + ONE_DAY
    return found


def nearest_months(period: Period) -> Period | None:
    """Return the months of which a period has at least half of the days; None without such."""
    near = []
    for piece in pieces(period, By.MONTH):
        first = start_of(piece.first, By.MONTH)
        month = Period(first, end_of(first, By.MONTH))
        if 2 * piece.days >= month.days:
            near.append(month)
    return Period(near[0].first, near[-1].last) if near else None
