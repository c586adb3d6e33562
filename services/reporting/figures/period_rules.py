"""Periods of whole business days, and the days, weeks and months that they are made of."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.reporting.figures.vocabulary import By

ONE_DAY = timedelta(days=1)


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


def start_of(day: date, by: By) -> date:
    """Return the first day of the day, week (from Monday) or month that a day belongs to."""
    if by is By.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by is By.MONTH else day


def end_of(start: date, by: By) -> date:
    """Return the last day of what begins on `start`."""
    if by is By.WEEK:
        return start + timedelta(days=6)
    if by is By.MONTH:
        return (start + timedelta(days=31)).replace(day=1) - ONE_DAY
    return start


def pieces(period: Period, by: By) -> list[Period]:
    """Return the days, weeks or months of a period, cut where it begins and ends."""
    found = []
    first = period.first
    while first <= period.last:
        last = min(end_of(start_of(first, by), by), period.last)
        found.append(Period(first, last))
        first = last + ONE_DAY
    return found
