"""Check values of the literature, and scipy and statsmodels as second opinions."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from shared.statistics.intervals import adjusted_wald_nps, t_mean
from shared.statistics.shares import Interval, wilson

SHARES = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
ANSWERS = st.lists(st.integers(0, 10), min_size=2, max_size=60)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(42, 50, 0.715, 0.917), (83, 114, 0.640, 0.801), (40, 114, 0.269, 0.442)],
)
def test_wilson_gives_the_published_values(hits: int, n: int, low: float, high: float) -> None:
    interval = wilson(hits, n)
    assert interval is not None
    assert (round(interval.low, 3), round(interval.high, 3)) == (low, high)


def test_nps_of_60_25_15_lies_between_29_and_58() -> None:
    interval = adjusted_wald_nps(60, 15, 100)
    assert interval is not None
    assert (round(interval.low, 3), round(interval.high, 3)) == (0.293, 0.580)


def test_nothing_and_one_value_have_no_interval() -> None:
    assert wilson(0, 0) is None
    assert adjusted_wald_nps(0, 0, 0) is None
    assert t_mean(1, 5, 25) is None


@given(SHARES)
def test_wilson_agrees_with_statsmodels(share: tuple[int, int]) -> None:
    hits, n = share
    low, high = proportion_confint(hits, n, method="wilson")
    interval = wilson(hits, n)
    assert interval is not None
    assert interval.low == pytest.approx(low, abs=1e-9)
    assert interval.high == pytest.approx(high, abs=1e-9)


@given(SHARES)
def test_wilson_holds_the_share_and_mirrors_its_opposite(share: tuple[int, int]) -> None:
    hits, n = share
    interval, opposite = wilson(hits, n), wilson(n - hits, n)
    assert interval is not None
    assert opposite is not None
    assert 0 <= interval.low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= interval.high <= 1
    assert interval.low == pytest.approx(1 - opposite.high, abs=1e-12)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_nps_interval_is_the_plain_one_of_three_more_answers(up: int, mid: int, down: int) -> None:
    n = up + mid + down
    interval = adjusted_wald_nps(up, down, n)
    if n == 0:
        assert interval is None
        return
    weights = np.array([up + 0.75, mid + 1.5, down + 0.75])
    mean = float(np.average([1, 0, -1], weights=weights))
    spread = math.sqrt(float(np.average((np.array([1, 0, -1]) - mean) ** 2, weights=weights)))
    half = float(stats.norm.ppf(0.975)) * spread / math.sqrt(n + 3)
    assert interval is not None
    assert interval.low == pytest.approx(max(-1, mean - half), abs=1e-9)
    assert interval.high == pytest.approx(min(1, mean + half), abs=1e-9)


@given(ANSWERS)
def test_t_interval_from_sums_is_scipys_from_the_answers(answers: list[int]) -> None:
    interval = t_mean(len(answers), sum(answers), sum(a * a for a in answers))
    assert interval is not None
    if len(set(answers)) == 1:
        assert interval == Interval(answers[0], answers[0])
        return
    expected = stats.ttest_1samp(answers, 0).confidence_interval(0.95)
    assert interval.low == pytest.approx(float(expected.low), abs=1e-9)
    assert interval.high == pytest.approx(float(expected.high), abs=1e-9)


def test_sums_of_a_year_of_seconds_lose_no_digit() -> None:
    one, n = 31_536_000, 5_000_000
    interval = t_mean(n, one * n, one * one * n)
    assert interval == Interval(one, one)
