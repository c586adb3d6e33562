"""The metrics that customers answer."""

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

ANSWER_METRICS: Final = (
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
)
