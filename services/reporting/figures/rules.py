"""How a figure comes out of the rows that were counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.reporting.facts.loop_rules import Outcome
from services.reporting.facts.rules import Measure, Sums
from services.reporting.figures.metric_rules import COUNTS, Method, Metric, Shape
from shared.statistics.intervals import adjusted_wald_nps, t_mean
from shared.statistics.quantiles import (
    bucketed_order_interval,
    bucketed_percentile,
    order_interval,
    percentile,
)
from shared.statistics.shares import Interval, wilson

SMALL_SAMPLE: Final = 30
"""Below it a figure is shown with a warning: one answer moves a rate by over three points."""

WITHHELD_BELOW: Final = 5
"""Below it a figure of an anonymous survey or a public board would point at a person."""

POINTS_PER_GRADE: Final = 20
SATISFIED: Final = (4, 5)
PROMOTERS: Final = (9, 10)
DETRACTORS: Final = tuple(range(7))
MEDIAN: Final = 0.5
P90: Final = 0.9
P95: Final = 0.95

Buckets = Mapping[tuple[Measure, int], Sums]
"""The rows of one cell of an answer (a period, a team …), summed by measure and bucket."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its interval; `exact` is False where a histogram stands for the values."""

    value: float | None
    low: float | None
    high: float | None
    method: Method | None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Figure:
    """The answer to a metric: its value, how many rows stand behind it, and how sure it is.

    `hits` is the counted part of a share; an NPS has `promoters` and `detractors`; `outcomes` are
    the verdicts of loop cases; `open_n` is what still waits for its end; `clamped` how many
    negative durations were counted as none.
    """

    code: str
    version: int
    value: float | None
    n: int
    low: float | None
    high: float | None
    method: Method | None
    small_sample: bool
    hits: int | None = None
    median: Estimate | None = None
    p90: Estimate | None = None
    p95: Estimate | None = None
    open_n: int | None = None
    clamped: int = 0
    promoters: int | None = None
    detractors: int | None = None
    outcomes: Mapping[str, int] | None = None
    withheld: bool = False


def figure(metric: Metric, buckets: Buckets, ordered: Sequence[int] | None = None) -> Figure:
    """Return a metric's figure; `ordered` are the durations in ascending order, if few enough."""
    if metric.shape is Shape.DURATION:
        return _duration(metric, buckets, ordered)
    return SHAPES[metric.shape](metric, buckets)


def withhold(shown: Figure) -> Figure:
    """Return the figure without its numbers where so few answers would tell who gave them."""
    if shown.n >= WITHHELD_BELOW:
        return shown
    return replace(
        shown,
        value=None,
        low=None,
        high=None,
        hits=None,
        median=None,
        p90=None,
        p95=None,
        promoters=None,
        detractors=None,
        outcomes=None,
        withheld=True,
    )


def _of(buckets: Buckets, measure: Measure | None) -> dict[int, Sums]:
    return {bucket: sums for (of, bucket), sums in buckets.items() if of is measure and sums.n}


def _count(rows: Mapping[int, Sums], among: Iterable[int] | None = None) -> int:
    wanted = rows if among is None else among
    return sum(rows[bucket].n for bucket in wanted if bucket in rows)


def _total(rows: Mapping[int, Sums]) -> Sums:
    return sum(rows.values(), Sums())


def _figure(metric: Metric, value: float | None, n: int, interval: Interval | None) -> Figure:
    return Figure(
        code=metric.code,
        version=metric.version,
        value=value,
        n=n,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        method=metric.method if interval else None,
        small_sample=n < SMALL_SAMPLE and metric.shape not in COUNTS,
    )


def _share(metric: Metric, hits: int, n: int) -> Figure:
    interval = wilson(hits, n)
    percent = interval.scaled(100) if interval else None
    return replace(_figure(metric, 100 * hits / n if n else None, n, percent), hits=hits)


def _met(metric: Metric, buckets: Buckets) -> Figure:
    rows = _of(buckets, metric.measure)
    return _share(metric, _count(rows, (1,)), _count(rows))


def _top_two(metric: Metric, buckets: Buckets) -> Figure:
    rows = _of(buckets, metric.measure)
    return _share(metric, _count(rows, SATISFIED), _count(rows))


def _ratio(metric: Metric, buckets: Buckets) -> Figure:
    whole = _count(_of(buckets, metric.whole))
    return _share(metric, _count(_of(buckets, metric.measure)), whole)


def _nps(metric: Metric, buckets: Buckets) -> Figure:
    rows = _of(buckets, metric.measure)
    n, up, down = _count(rows), _count(rows, PROMOTERS), _count(rows, DETRACTORS)
    interval = adjusted_wald_nps(up, down, n)
    percent = interval.scaled(100) if interval else None
    shown = _figure(metric, 100 * (up - down) / n if n else None, n, percent)
    return replace(shown, promoters=up, detractors=down)


def _mean_score(metric: Metric, buckets: Buckets) -> Figure:
    sums = _total(_of(buckets, metric.measure))
    interval = t_mean(sums.n, sums.total, sums.squares)
    points = interval.scaled(POINTS_PER_GRADE).within(POINTS_PER_GRADE, 100) if interval else None
    value = POINTS_PER_GRADE * sums.total / sums.n if sums.n else None
    return _figure(metric, value, sums.n, points)


def _number(metric: Metric, buckets: Buckets) -> Figure:
    n = _count(_of(buckets, metric.measure))
    return _figure(metric, n, n, None)


def _stock(metric: Metric, buckets: Buckets) -> Figure:
    n = _count(_of(buckets, metric.measure)) - _count(_of(buckets, metric.less))
    return _figure(metric, n, n, None)


def _outcome(metric: Metric, buckets: Buckets) -> Figure:
    """Return the share of recovered cases, and how often each verdict was given."""
    rows = _of(buckets, metric.measure)
    shown = rows | _of(buckets, metric.beside)
    counts = {outcome.name.lower(): _count(shown, (outcome,)) for outcome in Outcome}
    return replace(
        _share(metric, _count(rows, (Outcome.RECOVERED,)), _count(rows)), outcomes=counts
    )


def _duration(metric: Metric, buckets: Buckets, ordered: Sequence[int] | None) -> Figure:
    rows = _of(buckets, metric.measure)
    sums = _total(rows)
    interval = t_mean(sums.n, sums.total, sums.squares)
    value = sums.total / sums.n if sums.n else None
    return replace(
        _figure(metric, value, sums.n, interval.within(0, float("inf")) if interval else None),
        median=_percentile(rows, ordered, MEDIAN),
        p90=_percentile(rows, ordered, P90),
        p95=_percentile(rows, ordered, P95),
        open_n=_count(_of(buckets, metric.open)),
        clamped=_count(_of(buckets, metric.clamped)),
    )


def _percentile(rows: Mapping[int, Sums], ordered: Sequence[int] | None, share: float) -> Estimate:
    if ordered is not None:
        value: float | None = percentile(ordered, share)
        interval = order_interval(ordered, share)
    else:
        counts = {bucket: sums.n for bucket, sums in rows.items()}
        value = bucketed_percentile(counts, share)
        interval = bucketed_order_interval(counts, share)
    return Estimate(
        value=value,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        method=Method.ORDER_STATISTICS if interval else None,
        exact=ordered is not None,
    )


SHAPES: Final[Mapping[Shape, Callable[[Metric, Buckets], Figure]]] = {
    Shape.MEAN_SCORE: _mean_score,
    Shape.TOP_TWO: _top_two,
    Shape.NPS: _nps,
    Shape.SHARE: _met,
    Shape.RATIO: _ratio,
    Shape.COUNT: _number,
    Shape.STOCK: _stock,
    Shape.OUTCOME: _outcome,
}
