"""Titles of the problems that this service may answer with."""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "unknown_metric": ("没有这个指标", "No such metric"),
    "invalid_period": ("时段不对", "Not a period"),
    "target_beyond_scale": (
        "目标值超出这个指标的范围",
        "The target lies beyond the metric's scale",
    ),
    "rebuild_not_found": ("没有这次重建", "No such rebuild"),
}
