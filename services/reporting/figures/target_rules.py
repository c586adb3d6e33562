"""What a target may be, whether a figure meets it, and the targets to begin with."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from services.reporting.figures.metric_rules import Better, Metric, Shape, Unit

SHIPPED: Final[Mapping[str, float]] = {
    "csat_score": 85,
    "satisfaction_rate": 85,
    "complaint_satisfaction_rate": 90,
    "first_response_time": 30 * 60,
    "fcr": 80,
    "feedback_24h_rate": 100,
    "feedback_48h_rate": 100,
}
"""Requirements R-03, R-04, R-07 and R-10."""

LONGEST_SECONDS: Final = 10 * 366 * 86_400
MOST_TICKETS: Final = 10_000_000
"""Beyond any service; a larger number is a slip of the hand."""


class Reached(StrEnum):
    MET = "met"
    MISSED = "missed"


def scale(metric: Metric) -> tuple[float, float]:
    """Return between which values a target of this metric must lie."""
    if metric.shape is Shape.NPS:
        return -100, 100
    highest = {
        Unit.PERCENT: 100,
        Unit.POINTS: 100,
        Unit.SECONDS: LONGEST_SECONDS,
        Unit.TICKETS: MOST_TICKETS,
    }
    return 0, highest[metric.unit]


def reached(metric: Metric, value: float, target: float) -> Reached:
    """Return whether a value is as good as its target, or better."""
    better = value >= target if metric.better is Better.HIGHER else value <= target
    return Reached.MET if better else Reached.MISSED
