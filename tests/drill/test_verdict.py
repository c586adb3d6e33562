"""A drill that lost, doubled, dawdled or could not rebuild is not passed."""

from dataclasses import replace

import pytest

from tests.drill.verdict import Difference, Outcome, compared, passed

GOOD = Outcome("broker killed", 900, 12, 0.4, 21.0, Difference(0, 0))


def test_what_is_missing_is_lost_and_what_is_too_much_is_doubled() -> None:
    expected = {"closed": 200, "invitations": 200, "dead letters": 0}
    assert compared(expected, expected) == Difference(0, 0)
    found = {"closed": 199, "invitations": 203, "dead letters": 1}
    assert compared(expected, found) == Difference(lost=1, doubled=4)
    assert compared(expected, {}) == Difference(lost=400, doubled=0)


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, difference=Difference(1, 0)),
        replace(GOOD, difference=Difference(0, 1)),
        replace(GOOD, seconds=300.0),
        replace(GOOD, p95=2.0),
    ],
)
def test_one_bad_round_fails_the_drill(bad: Outcome) -> None:
    assert passed([GOOD, GOOD], rebuilt_alike=True)
    assert not passed([GOOD, bad, GOOD], rebuilt_alike=True)


def test_other_facts_after_a_rebuild_or_no_round_at_all_fail_it_too() -> None:
    assert not passed([GOOD], rebuilt_alike=False)
    assert not passed([], rebuilt_alike=True)
