"""Percentiles by nearest rank: exact from sorted values, within 4.9 % from a histogram.

A percentile is always a value that occurred. Interpolated percentiles of small groups differ from
the histogram's by up to 69 %, nearest ranks by at most half a bucket.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

from shared.statistics.shares import Interval

RATIO: Final = 1.1
"""Neighbouring bounds differ by 10 %, so the middle of a bucket is at most 4.88 % off."""

BOUNDS: Final = tuple(RATIO**power for power in range(241))
"""From one second to 270 years; what takes longer stands in the last bucket."""


def bucket_of(seconds: int) -> int:
    """Return the number of the bucket of a duration: 0 for none, then one for each 10 %."""
    return bisect_right(BOUNDS, seconds)


def bucket_value(bucket: int) -> float:
    """Return the duration that stands for a bucket: the geometric middle of its bounds."""
    if bucket == 0:
        return 0.0
    return BOUNDS[bucket - 1] * math.sqrt(RATIO)


def nearest_rank(n: int, share: float) -> int:
    """Return which of `n` sorted values, counted from 1, is the percentile."""
    # A share such as 0.07 times 100 is 7.000000000000001 in floats, which is still rank 7.
    return max(1, min(n, math.ceil(round(share * n, 9))))


def percentile(ordered: Sequence[int], share: float) -> int | None:
    """Return the percentile of values in ascending order."""
    return ordered[nearest_rank(len(ordered), share) - 1] if ordered else None


def bucketed_percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the percentile of a histogram, `counts` being how many fell into which bucket."""
    return _at_rank(counts, nearest_rank(sum(counts.values()), share)) if counts else None


def order_ranks(n: int, share: float) -> tuple[int, int] | None:
    """Return the ranks of the two values between which the percentile lies with 95 % confidence.

    How many of n values lie below the true percentile is binomial, whatever their distribution.
    """
    if n == 0:
        return None
    low, above = _binomial_quantile(n, share, 0.025), _binomial_quantile(n, share, 0.975)
    return (low, above + 1) if low >= 1 and above < n else None


def order_interval(ordered: Sequence[int], share: float) -> Interval | None:
    """Return the interval of a percentile from values in ascending order."""
    ranks = order_ranks(len(ordered), share)
    return Interval(ordered[ranks[0] - 1], ordered[ranks[1] - 1]) if ranks else None


def bucketed_order_interval(counts: Mapping[int, int], share: float) -> Interval | None:
    """Return the interval of a percentile of a histogram."""
    ranks = order_ranks(sum(counts.values()), share)
    return Interval(_at_rank(counts, ranks[0]), _at_rank(counts, ranks[1])) if ranks else None


def _at_rank(counts: Mapping[int, int], rank: int) -> float:
    """Return the value of the bucket that holds this rank."""
    passed = 0
    for bucket in sorted(counts):
        passed += counts[bucket]
        if passed >= rank:
            return bucket_value(bucket)
    raise ValueError(f"rank {rank} of {passed} values")


def _binomial_quantile(n: int, share: float, probability: float) -> int:
    """Return the least number of hits that is reached with at least this probability."""
    from scipy.special import bdtr, bdtrik  # noqa: PLC0415  0.1 s, only where it is asked for

    guess = max(0, math.ceil(float(bdtrik(probability, n, share)) - 1e-9))
    if guess > 0 and float(bdtr(guess - 1, n, share)) >= probability:  # the inverse is a float
        return guess - 1
    return guess
