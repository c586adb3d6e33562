"""Every metric by its code."""

from collections.abc import Mapping
from typing import Final

from services.reporting.figures.answer_metric_rules import ANSWER_METRICS
from services.reporting.figures.count_metric_rules import COUNT_METRICS
from services.reporting.figures.feedback_metric_rules import FEEDBACK_METRICS
from services.reporting.figures.metric_rules import Metric
from services.reporting.figures.ticket_metric_rules import TICKET_METRICS

METRICS: Final[Mapping[str, Metric]] = {
    metric.code: metric
    for metric in (*ANSWER_METRICS, *COUNT_METRICS, *TICKET_METRICS, *FEEDBACK_METRICS)
}
