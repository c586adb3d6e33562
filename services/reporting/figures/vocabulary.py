"""By what a figure can be divided."""

from enum import StrEnum
from typing import Final


class By(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ORG_UNIT = "org_unit_id"
    CHANNEL = "channel"
    CATEGORY = "category_id"
    KIND = "kind"
    PRIORITY = "priority"
    TIER = "tier"


TIMES: Final = frozenset({By.DAY, By.WEEK, By.MONTH, By.QUARTER, By.YEAR})
