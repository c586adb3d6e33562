"""The periods that the page offers, and into what its trends divide them."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from services.reporting.figures.metric_rules import Bilingual
from services.reporting.figures.period_rules import Period, end_of, start_of
from services.reporting.figures.vocabulary import By

POINTS: Final = 12
"""A small line of twelve points shows a direction; more of them are a blur."""

DAYS_BY_WEEK: Final = 14
WEEKS_BY_MONTH: Final = 120
"""Up to two weeks a period is told by day, up to four months by week, else by month."""


class Span(StrEnum):
    LAST_30_DAYS = "30d"
    LAST_7_DAYS = "7d"
    THIS_MONTH = "month"
    LAST_MONTH = "last_month"
    LAST_90_DAYS = "90d"
    LAST_YEAR = "365d"


NAMES: Final = {
    Span.LAST_30_DAYS: Bilingual("近 30 天", "Last 30 days"),
    Span.LAST_7_DAYS: Bilingual("近 7 天", "Last 7 days"),
    Span.THIS_MONTH: Bilingual("本月", "This month"),
    Span.LAST_MONTH: Bilingual("上月", "Last month"),
    Span.LAST_90_DAYS: Bilingual("近 90 天", "Last 90 days"),
    Span.LAST_YEAR: Bilingual("近一年", "Last 365 days"),
}

LENGTHS: Final = {
    Span.LAST_7_DAYS: 7,
    Span.LAST_30_DAYS: 30,
    Span.LAST_90_DAYS: 90,
    Span.LAST_YEAR: 365,
}


def period_of_span(span: Span, today: date) -> Period:
    """Return the days that a name stands for today."""
    month = start_of(today, By.MONTH)
    if span is Span.THIS_MONTH:
        return Period(month, end_of(month, By.MONTH))
    if span is Span.LAST_MONTH:
        last = month - timedelta(days=1)
        return Period(start_of(last, By.MONTH), last)
    return Period(today - timedelta(days=LENGTHS[span] - 1), today)


def grain_of(period: Period) -> By:
    """Return into what a period of this length is divided."""
    if period.days <= DAYS_BY_WEEK:
        return By.DAY
    return By.WEEK if period.days <= WEEKS_BY_MONTH else By.MONTH


def recent(period: Period, today: date) -> Period:
    """Return the whole days, weeks or months that end with the period, or with today."""
    by = grain_of(period)
    last = start = start_of(min(period.last, today), by)
    for _ in range(POINTS - 1):
        start = start_of(start - timedelta(days=1), by)
    return Period(start, end_of(last, by))
