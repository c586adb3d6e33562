"""The metrics of how fast and how well tickets are handled."""

from typing import Final

from services.reporting.facts.contact_rules import WINDOW
from services.reporting.facts.rules import Measure
from services.reporting.figures.metric_rules import (
    Better,
    Bilingual,
    Method,
    Metric,
    Shape,
    Unit,
)

TICKET_METRICS: Final = (
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
    Metric(
        "closing_time",
        Bilingual("关闭时长", "Closing time"),
        Bilingual(
            "从建单到最后一次关闭的时长，计入关闭当天和关闭班组；还没关闭的工单数另列，不含服务补救工单。",
            "From creation to the last closing, counted on its day and for its team, "
            "without recovery tickets; tickets that are not closed are shown beside.",
        ),
        Unit.SECONDS,
        Better.LOWER,
        Shape.DURATION,
        Method.T,
        Measure.CLOSED,
        open=Measure.NOT_CLOSED,
        clamped=Measure.CLOSED_CLAMPED,
    ),
    Metric(
        "within_deadline_rate",
        Bilingual("按时解决率", "Resolved within the limit"),
        Bilingual(
            "期内最后一次解决的工单中，不晚于时限的比例，不含服务补救工单。",
            "Share of tickets resolved not later than their limit, of those last resolved "
            "in the period, without recovery tickets.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.SHARE,
        Method.WILSON,
        Measure.WITHIN_DEADLINE,
    ),
    Metric(
        "fcr",
        Bilingual("一次解决率", "First contact resolution"),
        Bilingual(
            "期内最后一次解决的工单中，一次联系就解决的比例：解决前客户至多发来一条消息，"
            "没换过班组和支持层级，没重新打开，解决后 7 天内同一客户没有就同一大类再次建单。"
            "没有客户或消息条数不明的不计，也不含服务补救工单；7 天过后定稿。",
            "Share of tickets solved in one contact, of those last resolved in the period: "
            "at most one message of the customer, no change of team or tier, never "
            "reopened, and no ticket of the same customer and top category within 7 days "
            "after. Tickets without a customer or with an unknown number of messages are "
            "left out, and so are recovery tickets.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.SHARE,
        Method.WILSON,
        Measure.FCR,
        settles=WINDOW.days,
    ),
)
