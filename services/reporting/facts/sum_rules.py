"""How sums by one dimension are kept."""

from enum import StrEnum
from typing import Final

from services.reporting.facts.rules import Measure

DURATIONS: Final = frozenset(
    {Measure.FIRST_RESPONSE, Measure.RESOLUTION, Measure.CLOSED, Measure.FEEDBACK_CLOSED}
)
"""What has a histogram; the buckets of other measures are few, and say what a row counts as."""


class Form(StrEnum):
    """What a sum by one dimension is of: all durations of a day, or each bucket of a day or month.

    A month stands on its first day.
    """

    DAY = "day"
    DAY_BUCKETS = "day_buckets"
    MONTH_BUCKETS = "month_buckets"


SPREAD_BY: Final = frozenset({"org_unit_id"})
"""By what histograms are kept, beside those of all; others come from the sums by all dimensions."""
