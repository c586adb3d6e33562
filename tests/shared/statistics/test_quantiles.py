"""Nearest ranks against a plain recount, and the promise of 4.9 % for histograms."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shared.statistics.quantiles import (
    bucket_of,
    bucket_value,
    bucketed_order_interval,
    bucketed_percentile,
    nearest_rank,
    order_interval,
    order_ranks,
    percentile,
)
from shared.statistics.shares import Interval

DURATIONS = st.lists(st.integers(0, 4 * 365 * 86_400), min_size=1, max_size=80)
SHARES = st.sampled_from([0.25, 0.5, 0.75, 0.9, 0.95, 0.99])


@pytest.mark.parametrize(
    ("n", "share", "rank"),
    [(5, 0.05, 1), (5, 0.30, 2), (5, 0.40, 2), (5, 0.50, 3), (5, 1.0, 5), (100, 0.07, 7)],
)
def test_the_nearest_rank_is_the_published_one(n: int, share: float, rank: int) -> None:
    assert nearest_rank(n, share) == rank


def test_percentiles_of_five_exam_results() -> None:
    results = [15, 20, 35, 40, 50]
    assert [percentile(results, share) for share in (0.05, 0.3, 0.4, 0.5, 1.0)] == [
        15,
        20,
        20,
        35,
        50,
    ]


@given(DURATIONS, SHARES)
def test_a_percentile_is_the_least_value_that_the_share_does_not_exceed(
    durations: list[int], share: float
) -> None:
    reached = [v for v in durations if sum(d <= v for d in durations) >= share * len(durations)]
    assert percentile(sorted(durations), share) == min(reached)


@given(st.integers(1, 100 * 365 * 86_400))
def test_a_bucket_stands_for_its_durations_within_five_percent(seconds: int) -> None:
    assert bucket_value(bucket_of(seconds)) == pytest.approx(seconds, rel=0.0489)


def test_buckets_rise_and_no_duration_is_the_lowest() -> None:
    assert (bucket_of(0), bucket_value(0)) == (0, 0.0)
    assert [bucket_of(s) for s in range(1, 5_000)] == sorted(bucket_of(s) for s in range(1, 5_000))
    assert bucket_of(10**15) == bucket_of(10**16)


@given(DURATIONS, SHARES)
def test_a_histogram_gives_the_exact_percentile_within_five_percent(
    durations: list[int], share: float
) -> None:
    histogram = Counter(map(bucket_of, durations))
    assert bucketed_percentile(histogram, share) == pytest.approx(
        percentile(sorted(durations), share), rel=0.0489
    )


def test_nothing_has_no_percentile_and_no_ranks() -> None:
    assert percentile([], 0.5) is None
    assert bucketed_percentile({}, 0.5) is None
    assert order_ranks(0, 0.5) is None


@pytest.mark.parametrize(
    ("n", "ranks"), [(5, None), (6, (1, 6)), (10, (2, 9)), (20, (6, 15)), (100, (40, 61))]
)
def test_ranks_of_the_median_are_those_of_the_sign_test_tables(
    n: int, ranks: tuple[int, int] | None
) -> None:
    assert order_ranks(n, 0.5) == ranks


@given(st.integers(1, 3_000), SHARES)
def test_the_ranks_cover_at_least_95_percent_and_no_narrower_ones_do(n: int, share: float) -> None:
    ranks = order_ranks(n, share)
    hits = stats.binom(n, share)
    if ranks is None:
        assert hits.cdf(0) > 0.025 or hits.sf(n - 1) > 0.025
        return
    low, high = ranks
    assert hits.cdf(low - 1) <= 0.025 + 1e-12
    assert hits.sf(high - 1) <= 0.025 + 1e-12
    assert hits.cdf(low) > 0.025 - 1e-12
    assert hits.sf(high - 2) > 0.025 - 1e-12


def test_the_interval_of_a_median_is_made_of_values_that_occurred() -> None:
    values = list(range(10, 110, 10))
    assert order_interval(values, 0.5) == Interval(20, 90)
    histogram = Counter(map(bucket_of, values))
    interval = bucketed_order_interval(histogram, 0.5)
    assert interval is not None
    assert interval.low == pytest.approx(20, rel=0.0489)
    assert interval.high == pytest.approx(90, rel=0.0489)
