"""What the page says about figures: whether they moved, and whether they reach their target."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from services.reporting.dashboard.view import Target, TrendPoint
from services.reporting.figures.metric_rules import Better, Metric
from services.reporting.figures.rules import Figure

ENOUGH_TO_SPEAK: Final = 10
"""Below ten rows a period is no evidence that anything rises or falls."""


class Verdict(StrEnum):
    """`unclear`: the value misses the target, but by less than it may be wrong."""

    REACHED = "reached"
    MISSED = "missed"
    UNCLEAR = "unclear"


class Tone(StrEnum):
    """How a change is to be read; `even` also when chance alone may explain it."""

    GOOD = "good"
    BAD = "bad"
    EVEN = "even"


class Movement(StrEnum):
    ROSE = "rose"
    FELL = "fell"


def verdict(metric: Metric, figure: Figure, target: Target) -> Verdict | None:
    """Return whether the target is reached; missed only if the whole interval lies beyond it."""
    if figure.value is None:
        return None
    sign = 1 if metric.better is Better.HIGHER else -1
    if sign * (figure.value - target.value) >= 0:
        return Verdict.REACHED
    best = figure.high if metric.better is Better.HIGHER else figure.low
    if best is not None and sign * (best - target.value) >= 0:
        return Verdict.UNCLEAR
    return Verdict.MISSED


def tone(metric: Metric, figure: Figure, previous: Figure) -> Tone:
    """Return how to read the step from the previous period."""
    if figure.value is None or previous.value is None or figure.value == previous.value:
        return Tone.EVEN
    if _overlap(figure, previous):
        return Tone.EVEN
    rose = figure.value > previous.value
    return Tone.GOOD if rose is (metric.better is Better.HIGHER) else Tone.BAD


def _overlap(one: Figure, other: Figure) -> bool:
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low <= other.high and other.low <= one.high


def movement(points: Sequence[TrendPoint]) -> Movement | None:
    """Return whether the last three closed periods rise or fall twice in a row."""
    figures = [point.figure for point in points if point.closed][-3:]
    values = [f.value for f in figures if f.value is not None and f.n >= ENOUGH_TO_SPEAK]
    if len(values) < 3:  # noqa: PLR2004  two steps have three ends
        return None
    first, second, third = values
    if first < second < third:
        return Movement.ROSE
    if first > second > third:
        return Movement.FELL
    return None
