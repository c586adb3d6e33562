"""The metrics of how much there is to do."""

from typing import Final

from services.reporting.facts.rules import Measure
from services.reporting.figures.metric_rules import (
    Better,
    Bilingual,
    Method,
    Metric,
    Shape,
    Unit,
)

COUNT_METRICS: Final = (
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
        "ticket_count",
        Bilingual("工单量", "Tickets"),
        Bilingual(
            "期内新建的工单数，不含服务补救工单。",
            "Tickets created in the period, without recovery tickets.",
        ),
        Unit.TICKETS,
        Better.LOWER,
        Shape.COUNT,
        None,
        Measure.TICKET_CREATED,
    ),
    Metric(
        "closed_count",
        Bilingual("关闭量", "Closed tickets"),
        Bilingual(
            "期内关闭且没有重新打开的工单数，不含服务补救工单。",
            "Tickets closed in the period and not reopened since, without recovery tickets.",
        ),
        Unit.TICKETS,
        Better.HIGHER,
        Shape.COUNT,
        None,
        Measure.CLOSED,
    ),
    Metric(
        "reopened_count",
        Bilingual("重开工单数", "Reopened tickets"),
        Bilingual(
            "期内最后一次被重新打开的工单数，不含服务补救工单。",
            "Tickets reopened for the last time in the period, without recovery tickets.",
        ),
        Unit.TICKETS,
        Better.LOWER,
        Shape.COUNT,
        None,
        Measure.REOPENING,
    ),
    Metric(
        "backlog",
        Bilingual("未结工单", "Backlog"),
        Bilingual(
            "期末那一天结束时还没关闭、也没取消的工单数，不含服务补救工单。",
            "Tickets that are neither closed nor cancelled when the last day of the period "
            "ends, without recovery tickets.",
        ),
        Unit.TICKETS,
        Better.LOWER,
        Shape.STOCK,
        None,
        Measure.BEGUN,
        less=Measure.ENDED,
    ),
)
