"""What a metric is: what it is called, what it means, and which rows it is made of.

A definition never changes under its version: another meaning is another version.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.reporting.facts.rules import Measure


class Shape(StrEnum):
    """How a value comes out of the rows."""

    MEAN_SCORE = "mean_score"
    TOP_TWO = "top_two"
    NPS = "nps"
    SHARE = "share"
    RATIO = "ratio"
    COUNT = "count"
    DURATION = "duration"
    OUTCOME = "outcome"
    STOCK = "stock"


COUNTS = frozenset({Shape.COUNT, Shape.STOCK})
"""What is counted and no sample of anything."""


class Unit(StrEnum):
    POINTS = "points"
    PERCENT = "percent"
    TICKETS = "tickets"
    SECONDS = "seconds"


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"


class Method(StrEnum):
    """How the interval was computed."""

    T = "t"
    WILSON = "wilson"
    ADJUSTED_WALD = "adjusted_wald"
    ORDER_STATISTICS = "order_statistics"


@dataclass(frozen=True, slots=True)
class Bilingual:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Metric:
    """`measure` holds the rows; `whole` (of a ratio) those it is divided by; `open` what waits.

    A stock is what began up to the end of the period, less what ended (`less`). `beside` are rows
    that are shown and not counted. `due` says that rows count only from the moment of their day
    that they carry as their value; `settles` after how many days nothing moves any more.
    """

    code: str
    name: Bilingual
    definition: Bilingual
    unit: Unit
    better: Better
    shape: Shape
    method: Method | None
    measure: Measure
    whole: Measure | None = None
    open: Measure | None = None
    clamped: Measure | None = None
    less: Measure | None = None
    beside: Measure | None = None
    due: bool = False
    settles: int = 0
    version: int = 1

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Return every measure that the figure needs."""
        parts = (self.measure, self.whole, self.open, self.clamped, self.less, self.beside)
        return tuple(part for part in parts if part)

    @property
    def standing(self) -> frozenset[Measure]:
        """Return the measures of which everything counts that began up to the period's end."""
        stock = self.measure if self.shape is Shape.STOCK else None
        return frozenset(part for part in (self.open, self.less, stock) if part)
