"""What the dashboard shows: numbers and names only; how they look is the page's business."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.reporting.books.rules import Books
from services.reporting.dashboard.case_rules import OpenCases
from services.reporting.figures.metric_rules import Metric
from services.reporting.figures.rules import Figure


class Language(StrEnum):
    """Chinese or English."""

    ZH = "zh"
    EN = "en"


class Grain(StrEnum):
    """How long one point of a trend is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One field of the filter form; an empty `selected` is everything.

    A `main` filter is always in sight, the others unfold.
    """

    name: str
    label: str
    options: tuple[Option, ...]
    selected: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What a metric should reach: at least or at most, as the metric says what is better."""

    value: float


@dataclass(frozen=True, slots=True)
class Tile:
    """One metric; a `figure` of None is one that could not be computed just now.

    `recent` are the values of the last periods, oldest first, None where nothing was counted.
    """

    metric: Metric
    figure: Figure | None
    previous: Figure | None = None
    target: Target | None = None
    recent: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A period that begins on `start`; it is `closed` when its last day has passed."""

    start: date
    figure: Figure
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Trend:
    metric: Metric
    grain: Grain
    points: tuple[TrendPoint, ...]
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class DashboardView:
    """The whole page. `as_of` is in the installation's zone; `last` is the period's last day.

    `cases` and `books` of None are such that could not be read just now; `rates` stand beside the
    cases; `demo` says that made-up data count.
    """

    organisation: str
    language: Language
    first: date
    last: date
    as_of: datetime
    provisional: bool
    filters: tuple[Filter, ...]
    tiles: tuple[Tile, ...]
    trends: tuple[Trend, ...]
    cases: OpenCases | None
    rates: tuple[Tile, ...]
    books: Books | None
    demo: bool = False
