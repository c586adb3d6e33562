"""Numbers as people read them: no more digits than the sample can carry."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from services.reporting.dashboard.view import Grain, Language
from services.reporting.figures.metric_rules import Bilingual, Metric, Shape, Unit

DECIMALS_FROM: Final = 200
"""Below 200 answers one answer moves a rate by more than half a point: a decimal would lie."""

MINUTE: Final = 60
HOUR: Final = 3_600
DAY: Final = 86_400

MINUTES_UNDER: Final = 2 * HOUR
HOURS_UNDER: Final = 2 * DAY
"""Up to two of the larger unit the smaller one says more: 90 minutes, 36 hours."""

SECOND_WORD: Final = Bilingual("秒", "s")
MINUTE_WORD: Final = Bilingual("分钟", "min")
HOUR_WORD: Final = Bilingual("小时", "h")
DAY_WORD: Final = Bilingual("天", "d")


@dataclass(frozen=True, slots=True)
class Scale:
    """How one figure and everything beside it is written: one unit, one number of decimals."""

    divisor: int
    decimals: int
    unit: str
    signed: bool = False

    def number(self, value: float) -> str:
        """Return the number without its unit, a true minus before what is negative."""
        text = f"{value / self.divisor:,.{self.decimals}f}"
        if float(text.replace(",", "")) == 0:
            return text.removeprefix("-")
        sign = "+" if self.signed and value > 0 else ""
        return sign + text.replace("-", "−")

    def full(self, value: float) -> str:
        """Return the number with its unit; a percent sign follows at once, a word after a space."""
        space = "" if self.unit in {"", "%"} else "\u202f"
        return f"{self.number(value)}{space}{self.unit}"

    def span(self, low: float, high: float, language: Language) -> str:
        """Return an interval; between signed numbers a word, since a dash would look like one."""
        joint = (" 至 " if language is Language.ZH else " to ") if self.signed else "–"
        return f"{self.number(low)}{joint}{self.number(high)}"

    def step(self, value: float) -> str:
        """Return a difference without its sign, which an arrow and a word say."""
        return Scale(self.divisor, self.decimals, self.unit).number(abs(value))


def scale_of(metric: Metric, n: int, value: float | None, language: Language) -> Scale:
    """Return how a metric is written when `n` rows stand behind a value of this size."""
    if metric.unit is Unit.SECONDS:
        return duration_scale(value or 0, language)
    if metric.unit is Unit.TICKETS:
        return Scale(1, 0, "")
    decimals = 1 if n >= DECIMALS_FROM or metric.shape is Shape.MEAN_SCORE else 0
    unit = "%" if metric.unit is Unit.PERCENT else ""
    return Scale(1, decimals, unit, signed=metric.shape is Shape.NPS)


def duration_scale(seconds: float, language: Language) -> Scale:
    """Return the unit in which a duration is easily read."""
    if seconds < MINUTE:
        return Scale(1, 0, said(SECOND_WORD, language))
    if seconds < MINUTES_UNDER:
        return Scale(MINUTE, 0, said(MINUTE_WORD, language))
    if seconds < HOURS_UNDER:
        return Scale(HOUR, 1, said(HOUR_WORD, language))
    return Scale(DAY, 1, said(DAY_WORD, language))


def said(text: Bilingual, language: Language) -> str:
    """Return a text in one of its languages."""
    return text.zh if language is Language.ZH else text.en


MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_name(day: date, language: Language) -> str:
    """Return a day without its year."""
    if language is Language.ZH:
        return f"{day.month}月{day.day}日"
    return f"{day.day} {MONTHS[day.month - 1]}"


def period_name(start: date, grain: Grain, language: Language) -> str:
    """Return the short name of a period on an axis or in a table."""
    if grain is not Grain.MONTH:
        return day_name(start, language)
    if language is Language.ZH:
        return f"{start.year}年{start.month}月"
    return f"{MONTHS[start.month - 1]} {start.year}"


def span_name(first: date, last: date, language: Language) -> str:
    """Return the whole period in words, the year said once."""
    if language is Language.ZH:
        end = day_name(last, language) if first.year == last.year else full_day(last, language)
        return f"{full_day(first, language)}至{end}"
    begin = day_name(first, language) if first.year == last.year else full_day(first, language)
    return f"{begin} to {full_day(last, language)}"


def full_day(day: date, language: Language) -> str:
    """Return a day with its year."""
    if language is Language.ZH:
        return f"{day.year}年{day_name(day, language)}"
    return f"{day_name(day, language)} {day.year}"
