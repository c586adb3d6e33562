"""How sure a figure is: intervals of NPS and of means; those of shares stand in `shares.py`.

All are two-sided with 95 % confidence, and `None` where the sample says nothing yet.
"""

import math
from typing import Final

from shared.statistics.shares import Interval, Z

NPS_ADDED: Final = 3.0
NPS_ADDED_PER_SIDE: Final = 0.75
"""Rocks (2016): with three answers added, a quarter of them at each end, an interval that calls
itself 95 % covers 94.9 % at n = 10, where the plain one covers 79 %."""


def adjusted_wald_nps(promoters: int, detractors: int, n: int) -> Interval | None:
    """Return the interval of (promoters - detractors) / n, both ends within -1 and 1."""
    if n == 0:
        return None
    weight = n + NPS_ADDED
    up = (promoters + NPS_ADDED_PER_SIDE) / weight
    down = (detractors + NPS_ADDED_PER_SIDE) / weight
    half = Z * math.sqrt((up + down - (up - down) ** 2) / weight)
    return Interval(up - down - half, up - down + half).within(-1.0, 1.0)


def t_mean(n: int, total: int, squares: int) -> Interval | None:
    """Return the t interval of a mean from the sums of the values and of their squares.

    The sums are integers, so that adding and taking away for years leaves no rounding behind.
    """
    if n < 2:  # noqa: PLR2004  one value says nothing about the spread
        return None
    from scipy.special import stdtrit  # noqa: PLC0415  0.1 s, only where a mean is asked for

    variance = (n * squares - total * total) / (n * (n - 1))
    half = float(stdtrit(n - 1, 0.975)) * math.sqrt(variance / n)
    return Interval(total / n - half, total / n + half)
