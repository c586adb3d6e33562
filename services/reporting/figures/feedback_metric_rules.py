"""The metrics of feedback and recovery."""

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

FEEDBACK_METRICS: Final = (
    Metric(
        "recovery_rate",
        Bilingual("挽回率", "Recovery rate"),
        Bilingual(
            "期内有结论的补救个案中，客户再次评价为已解决且 4–5 分的比例；"
            "联系不上的计入，不需要补救的另列。",
            "Share of loop cases that ended in the period with a customer who is satisfied "
            "(4 or 5) and says it is solved; unreachable ones count, those without need are "
            "shown beside.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.OUTCOME,
        Method.WILSON,
        Measure.LOOP_CLOSED,
        beside=Measure.LOOP_NOT_NEEDED,
    ),
    Metric(
        "feedback_24h_rate",
        Bilingual("24 小时响应率", "24 h response rate"),
        Bilingual(
            "响应时限（默认 24 小时）在期内到期的重要反馈和补救个案中，按时回复客户的比例。",
            "Share of important feedback and loop cases answered in time, of those whose "
            "response limit (24 h by default) fell due in the period.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.SHARE,
        Method.WILSON,
        Measure.FEEDBACK_RESPONSE,
        due=True,
    ),
    Metric(
        "feedback_48h_rate",
        Bilingual("48 小时初步结果率", "48 h result rate"),
        Bilingual(
            "结果时限（默认 48 小时）在期内到期的重要反馈和补救个案中，按时给出初步结果的比例。",
            "Share of important feedback and loop cases with a preliminary result in time, "
            "of those whose result limit (48 h by default) fell due in the period.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.SHARE,
        Method.WILSON,
        Measure.FEEDBACK_RESULT,
        due=True,
    ),
    Metric(
        "loop_closure_rate",
        Bilingual("闭环率", "Loop closure rate"),
        Bilingual(
            "期内收到的反馈中，到统计时刻为止已经核实并关闭的比例。",
            "Share of the feedback received in the period that is verified and closed by now.",
        ),
        Unit.PERCENT,
        Better.HIGHER,
        Shape.SHARE,
        Method.WILSON,
        Measure.FEEDBACK_RECEIVED,
    ),
    Metric(
        "loop_time",
        Bilingual("闭环时长", "Loop time"),
        Bilingual(
            "从收到反馈到核实关闭的时长，计入关闭当天；还没闭环的反馈数另列。",
            "From receipt to the verified closing, counted on the day of the closing; "
            "feedback that is still open is shown beside.",
        ),
        Unit.SECONDS,
        Better.LOWER,
        Shape.DURATION,
        Method.T,
        Measure.FEEDBACK_CLOSED,
        open=Measure.FEEDBACK_OPEN,
        clamped=Measure.FEEDBACK_CLOSED_CLAMPED,
    ),
)
