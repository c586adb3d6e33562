"""Figures as they are answered over HTTP."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.reporting.facts.freshness import Freshness
from services.reporting.figures.answer import Answer
from services.reporting.figures.metric_rules import Bilingual, Metric
from services.reporting.figures.registry import METRICS
from services.reporting.figures.row_queries import CountedRow
from services.reporting.figures.rules import Estimate, Figure
from services.reporting.figures.target_queries import Target
from services.reporting.figures.target_rules import Reached, reached

MetricCode = Annotated[str, Query(json_schema_extra={"enum": list(METRICS)})]


class Words(BaseModel):
    zh: str
    en: str


class MetricOut(BaseModel):
    """What a metric means."""

    code: str
    name: Words
    definition: Words
    version: int
    unit: str
    better: str
    method: str | None = Field(description="How the interval is computed; null for a count")


class MetricsOut(BaseModel):
    data: list[MetricOut]


class Interval(BaseModel):
    low: float
    high: float


class EstimateOut(BaseModel):
    value: float | None
    interval: Interval | None
    method: str | None
    exact: bool = Field(description="False when it comes from a histogram, within 4.9 %")


class FigureOut(BaseModel):
    """One figure. `group` is null for the whole, and for rows without the asked dimension."""

    group: str | None
    first: date
    last: date
    value: float | None
    n: int
    interval: Interval | None
    method: str | None
    hits: int | None = Field(description="Of a share: how many of the n count")
    promoters: int | None = Field(description="Of an NPS: answers of 9 and 10")
    passives: int | None = Field(description="Of an NPS: answers of 7 and 8")
    detractors: int | None = Field(description="Of an NPS: answers of 0 to 6")
    outcomes: dict[str, int] | None = Field(description="Of loop cases: how many ended how")
    median: EstimateOut | None
    p90: EstimateOut | None
    p95: EstimateOut | None
    open_n: int | None = Field(description="Of a duration: how many still wait for its end")
    clamped: int = Field(description="Of a duration: how many negative ones count as none")
    state: Literal["provisional", "final"]
    small_sample: bool
    withheld: bool


class Reaching(BaseModel):
    """A target beside its figure; `distance` is the value less the target."""

    value: float
    state: Reached | None
    distance: float | None


class FiguresOut(BaseModel):
    """The answer to a question about a metric; `last_event_at` is the newest fact in it."""

    metric: str
    version: int
    unit: str
    as_of: datetime
    last_event_at: datetime | None
    by: str | None
    figure: FigureOut
    previous: FigureOut
    year_before: FigureOut
    target: Reaching | None
    groups: list[FigureOut]


class RowOut(BaseModel):
    """One row that a figure counts. `bucket` and `value` are as the metric's method says.

    `record_id` is the ticket, invitation, loop case or feedback item that adds the row.
    """

    id: UUID
    record_id: UUID
    ticket_id: UUID | None = Field(description="null for feedback that is about no ticket")
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


class ExplainOut(BaseModel):
    """The definition of a figure in words, and a page of the rows that its n counts."""

    metric: str
    version: int
    as_of: datetime
    definition: Words
    method: str | None
    data: list[RowOut]
    next_cursor: str | None


class FreshnessOut(BaseModel):
    """Up to when everything that was heard is counted."""

    as_of: datetime
    position: int
    last_event_at: datetime | None


def reaching(metric: Metric, figure: Figure, target: Target | None) -> Reaching | None:
    if target is None:
        return None
    value = figure.value
    return Reaching(
        value=target.value,
        state=None if value is None else reached(metric, value, target.value),
        distance=None if value is None else value - target.value,
    )


def metric_out(metric: Metric) -> MetricOut:
    return MetricOut(
        code=metric.code,
        name=words(metric.name),
        definition=words(metric.definition),
        version=metric.version,
        unit=metric.unit,
        better=metric.better,
        method=metric.method,
    )


def words(said: Bilingual) -> Words:
    return Words(zh=said.zh, en=said.en)


def figure_out(answer: Answer) -> FigureOut:
    figure = answer.figure
    return FigureOut(
        group=None if answer.group is None else str(answer.group),
        first=answer.period.first,
        last=answer.period.last,
        value=figure.value,
        n=figure.n,
        interval=_interval(figure),
        method=figure.method,
        hits=figure.hits,
        promoters=figure.promoters,
        passives=_passives(figure),
        detractors=figure.detractors,
        outcomes=None if figure.outcomes is None else dict(figure.outcomes),
        median=_estimate(figure.median),
        p90=_estimate(figure.p90),
        p95=_estimate(figure.p95),
        open_n=figure.open_n,
        clamped=figure.clamped,
        state="provisional" if answer.provisional else "final",
        small_sample=figure.small_sample,
        withheld=figure.withheld,
    )


def row_out(row: CountedRow) -> RowOut:
    return RowOut.model_validate(row, from_attributes=True)


def freshness_out(fresh: Freshness) -> FreshnessOut:
    return FreshnessOut.model_validate(fresh, from_attributes=True)


def _passives(figure: Figure) -> int | None:
    if figure.promoters is None or figure.detractors is None:
        return None
    return figure.n - figure.promoters - figure.detractors


def _interval(of: Figure | Estimate) -> Interval | None:
    if of.low is None or of.high is None:
        return None
    return Interval(low=of.low, high=of.high)


def _estimate(estimate: Estimate | None) -> EstimateOut | None:
    if estimate is None:
        return None
    return EstimateOut(
        value=estimate.value,
        interval=_interval(estimate),
        method=estimate.method,
        exact=estimate.exact,
    )
