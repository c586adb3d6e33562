"""A figure says how sure it is, and says nothing where nothing was counted."""

from collections import defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from scipy import stats

from services.reporting.facts.rules import Measure, Sums, second_of_day
from services.reporting.figures.metric_rules import COUNTS, Method
from services.reporting.figures.registry import METRICS
from services.reporting.figures.rules import Buckets, figure, withhold
from shared.statistics.quantiles import bucket_of


def rows(measure: Measure, values: dict[int, int]) -> Buckets:
    return {(measure, v): Sums(n, n * v, n * v * v) for v, n in values.items()}


def durations(seconds: list[int]) -> Buckets:
    cells: defaultdict[tuple[Measure, int], Sums] = defaultdict(Sums)
    for value in seconds:
        cells[Measure.FIRST_RESPONSE, bucket_of(value)] += Sums(1, value, value * value)
    return cells


def test_csat_is_the_mean_of_twenty_points_a_grade_with_a_t_interval() -> None:
    answers = [5] * 30 + [4] * 12 + [2] * 8
    found = figure(METRICS["csat_score"], rows(Measure.CSAT, {5: 30, 4: 12, 2: 8}))
    low, high = stats.ttest_1samp([20 * a for a in answers], 0).confidence_interval(0.95)
    assert (found.value, found.n, found.small_sample) == (85.6, 50, False)
    assert found.low == pytest.approx(float(low))
    assert found.high == pytest.approx(float(high))
    assert found.method is Method.T


def test_satisfaction_counts_fours_and_fives_with_the_published_interval() -> None:
    found = figure(METRICS["satisfaction_rate"], rows(Measure.CSAT, {5: 30, 4: 12, 3: 5, 1: 3}))
    assert (found.value, found.hits, found.n) == (84.0, 42, 50)
    assert found.low is not None
    assert found.high is not None
    assert (round(found.low, 1), round(found.high, 1)) == (71.5, 91.7)


def test_nps_of_60_promoters_and_15_detractors_is_45() -> None:
    answers = {10: 40, 9: 20, 8: 15, 7: 10, 6: 10, 0: 5}
    found = figure(METRICS["nps"], rows(Measure.NPS, answers))
    assert (found.value, found.n) == (45.0, 100)
    assert found.low is not None
    assert found.high is not None
    assert (round(found.low, 1), round(found.high, 1)) == (29.3, 58.0)


def test_a_rate_over_nothing_is_null_and_a_count_over_nothing_is_zero() -> None:
    for code, metric in METRICS.items():
        found = figure(metric, {})
        counted = metric.shape in COUNTS
        assert found.value == (0 if counted else None), code
        assert (found.n, found.low, found.high, found.method) == (0, None, None, None), code
        assert found.small_sample is not counted


def test_durations_have_mean_median_and_p90_exact_or_from_the_histogram() -> None:
    seconds = sorted([60, 90, 120, 300, 600, 900, 1_800, 3_600, 7_200, 86_400])
    metric = METRICS["first_response_time"]
    exact, coarse = figure(metric, durations(seconds), seconds), figure(metric, durations(seconds))
    assert exact.value == coarse.value == 10_107.0
    assert exact.median is not None
    assert exact.p90 is not None
    assert (exact.median.value, exact.median.low, exact.median.high) == (600, 90, 7_200)
    assert (exact.p90.value, exact.p90.high, exact.p90.method) == (7_200, None, None)
    assert coarse.median is not None
    assert coarse.median.value == pytest.approx(600, rel=0.0489)
    assert (exact.median.exact, coarse.median.exact) == (True, False)


def test_waiting_tickets_and_clamped_durations_stand_beside_the_time() -> None:
    waiting = {(Measure.UNANSWERED, 0): Sums(7, 7, 7)}
    clamped = {(Measure.FIRST_RESPONSE_CLAMPED, 0): Sums(2, 2, 2)}
    found = figure(METRICS["first_response_time"], {**durations([60]), **waiting, **clamped})
    assert (found.n, found.open_n, found.clamped) == (1, 7, 2)


def test_under_five_answers_an_anonymous_figure_keeps_its_numbers_to_itself() -> None:
    few, enough = (figure(METRICS["nps"], rows(Measure.NPS, {10: n})) for n in (4, 5))
    assert (withhold(few).value, withhold(few).low, withhold(few).withheld) == (None, None, True)
    assert withhold(few).n == 4
    assert withhold(enough) == enough
    assert enough.small_sample


def test_a_cell_that_lost_all_its_rows_counts_nothing() -> None:
    gone = {(Measure.CSAT, 5): Sums(0, 0, 0), (Measure.CSAT, 1): Sums(2, 2, 2)}
    assert figure(METRICS["satisfaction_rate"], gone).n == 2


def test_every_metric_is_named_and_explained_in_both_languages() -> None:
    for code, metric in METRICS.items():
        assert code == metric.code
        assert all([metric.name.zh, metric.name.en, metric.definition.zh, metric.definition.en])
        assert metric.definition.zh.endswith("。")
        assert metric.definition.en.endswith(".")


@pytest.mark.parametrize(
    ("instant", "second"),
    [
        (datetime(2026, 11, 1, 4, 30, tzinfo=UTC), 1_800),  # 00:30 in summer time
        (datetime(2026, 11, 1, 12, 0, tzinfo=UTC), 8 * 3_600),  # 07:00, an hour was lived twice
        (datetime(2026, 11, 2, 5, 0, tzinfo=UTC), 0),
    ],
)
def test_the_second_of_a_day_goes_on_when_clocks_are_set_back(
    instant: datetime, second: int
) -> None:
    assert second_of_day(instant, ZoneInfo("America/New_York")) == second
