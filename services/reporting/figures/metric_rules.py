"""The metrics: what each is called, what it means, and which rows it is made of.

A definition never changes under its version: another meaning is another version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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

    `due` says that rows count only from the moment of their day that they carry as their value.
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
    due: bool = False
    version: int = 1

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Return every measure that the figure needs."""
        return tuple(m for m in (self.measure, self.whole, self.open, self.clamped) if m)


_ALL: Final = (
    Metric(
        "csat_score",
        Bilingual("满意度评分", "CSAT score"),
        Bilingual(
            "期内结束的服务中，客户首次评价（1–5 分）乘以 20 后的平均分。",
            "Mean of the first answers (1 to 5) times 20, for service cycles closed in the period.",
        ),
        Unit.POINTS,
        Better.HIGHER,
        Shape.MEAN_SCORE,
        Method.T,
        Measure.CSAT,
    ),
    Metric(
        "satisfaction_rate",
        Bilingual("满意率", "Satisfaction rate"),
        Bilingual(
            "期内结束的服务中，首次评价为 4 分或 5 分的占全部评价的比例。",
            "Share of first answers that are 4 or 5, for service cycles closed in the period.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.TOP_TWO,
        Method.WILSON,
        Measure.CSAT,
    ),
    Metric(
        "nps",
        Bilingual("净推荐值", "Net promoter score"),
        Bilingual(
            "推荐者（9–10 分）占比减去贬损者（0–6 分）占比，按期内结束的服务统计。",
            "Promoters (9 to 10) minus detractors (0 to 6), in percent of all answers, "
            "for service cycles closed in the period.",
        ),
        Unit.POINTS,
        Better.HIGHER,
        Shape.NPS,
        Method.ADJUSTED_WALD,
        Measure.NPS,
    ),
    Metric(
        "complaint_satisfaction_rate",
        Bilingual("投诉处理满意率", "Complaint satisfaction rate"),
        Bilingual(
            "期内结案的投诉中，客户对处理的首次评价为 4 分或 5 分的比例。",
            "Share of first answers about complaint handling that are 4 or 5, "
            "for complaints closed in the period.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.TOP_TWO,
        Method.WILSON,
        Measure.COMPLAINT_SATISFACTION,
    ),
    Metric(
        "survey_response_rate",
        Bilingual("问卷回收率", "Survey response rate"),
        Bilingual(
            "期内送达的邀请中，到统计时刻为止已经答完的比例。",
            "Share of the invitations delivered in the period that are completed by now.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.SHARE,
        Method.WILSON,
        Measure.RESPONSE_RATE,
    ),
    Metric(
        "complaint_count",
        Bilingual("投诉量", "Complaints"),
        Bilingual("期内新建的投诉工单数。", "Complaints created in the period."),
        Unit.TICKETS,
        Better.LOWER,
        Shape.COUNT,
        None,
        Measure.COMPLAINT_CREATED,
    ),
    Metric(
        "complaint_rate",
        Bilingual("投诉率", "Complaint rate"),
        Bilingual(
            "期内新建的投诉占全部新建工单的比例，不含服务补救工单。",
            "Complaints in percent of all tickets created in the period, without recovery tickets.",
        ),
        Unit.PERCENT,
        Better.LOWER,
        Shape.RATIO,
        Method.WILSON,
        Measure.COMPLAINT_CREATED,
        whole=Measure.TICKET_CREATED,
    ),
    Metric(
        "first_response_time",
        Bilingual("首次响应时长", "First response time"),
        Bilingual(
            "从建单到首次公开回复的时长，计入回复当天；尚未回复的工单数另列。",
            "From creation to the first public reply, counted on the day of the reply; "
            "tickets that still wait for it are shown beside.",
        ),
        Unit.SECONDS,
        Better.LOWER,
        Shape.DURATION,
        Method.T,
        Measure.FIRST_RESPONSE,
        open=Measure.UNANSWERED,
        clamped=Measure.FIRST_RESPONSE_CLAMPED,
    ),
    Metric(
        "resolution_time",
        Bilingual("解决时长", "Resolution time"),
        Bilingual(
            "从建单到最后一次解决的时长，计入解决当天和解决班组；尚未解决的工单数另列。",
            "From creation to the last resolution, counted on its day and for its team; "
            "tickets that are still open are shown beside.",
        ),
        Unit.SECONDS,
        Better.LOWER,
        Shape.DURATION,
        Method.T,
        Measure.RESOLUTION,
        open=Measure.UNRESOLVED,
        clamped=Measure.RESOLUTION_CLAMPED,
    ),
    Metric(
        "srr",
        Bilingual("服务响应率", "Service response rate"),
        Bilingual(
            "首次响应时限在期内到期的工单中，按时回复的比例；未回复的算未达标。",
            "Share of tickets answered within their limit, of those whose response limit fell due "
            "in the period; unanswered ones count as missed.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.SHARE,
        Method.WILSON,
        Measure.SRR,
        due=True,
    ),
    Metric(
        "cpr",
        Bilingual("投诉处理率", "Complaint processing rate"),
        Bilingual(
            "处理时限在期内到期的投诉中，按时解决的比例；重新打开后按新时限另计。",
            "Share of complaints resolved within their limit, of those whose limit fell due in the "
            "period; a reopened complaint counts again with its new limit.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.SHARE,
        Method.WILSON,
        Measure.CPR,
        due=True,
    ),
    Metric(
        "reopen_rate",
        Bilingual("重开率", "Reopen rate"),
        Bilingual(
            "期内最后一次解决的工单中，曾被重新打开的比例。",
            "Share of tickets that were ever reopened, of those last resolved in the period.",
        ),
        Unit.PERCENT,
        Better.LOWER,
        Shape.SHARE,
        Method.WILSON,
        Measure.REOPENED,
    ),
)

METRICS: Final[Mapping[str, Metric]] = {metric.code: metric for metric in _ALL}
