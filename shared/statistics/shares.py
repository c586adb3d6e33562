"""How sure a share is. It needs nothing but arithmetic: services without scipy use it too."""

import math
from dataclasses import dataclass
from typing import Final

Z: Final = 1.959963984540054
"""The 0.975 quantile of the standard normal distribution: what 95 % two-sided means."""


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float

    def scaled(self, factor: float) -> "Interval":
        """Return the interval in another unit, such as percent instead of shares."""
        return Interval(self.low * factor, self.high * factor)

    def within(self, least: float, most: float) -> "Interval":
        """Return the interval without the part that the scale cannot reach."""
        return Interval(min(max(self.low, least), most), min(max(self.high, least), most))


def wilson(hits: int, n: int) -> Interval | None:
    """Return the Wilson interval of the share `hits` of `n`, both ends within 0 and 1.

    It covers 95.7 % at n = 20 and p = 0.9, where the textbook's Wald interval covers 87.6 %.
    """
    if n == 0:
        return None
    share = hits / n
    centre = share + Z * Z / (2 * n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return Interval((centre - half) / scale, (centre + half) / scale).within(0.0, 1.0)
