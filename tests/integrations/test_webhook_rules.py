"""When a delivery is tried again: as the specification's example has it, with some chance in it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.integrations.settings import IntegrationSettings
from services.integrations.webhooks.rules import (
    failure_of,
    is_given_up,
    pause_after,
    retry_after_of,
    suppressed,
    wants,
)

SCHEDULE = IntegrationSettings().webhook_schedule
NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)

SINCE_START = ["0:00:05", "0:05:05", "0:35:05", "2:35:05", "7:35:05", "17:35:05"]
SINCE_START += ["31:35:05", "51:35:05", "75:35:05"]
"""Of each further attempt, from the example in Standard Webhooks 1.0.0."""


def seconds(clock: str) -> int:
    hours, minutes, rest = map(int, clock.split(":"))
    return hours * 3600 + minutes * 60 + rest


def pause(
    failures: int, *, chance: float = 0.5, after: float | None = None, overloaded: bool = False
) -> timedelta | None:
    asked = None if after is None else timedelta(seconds=after)
    return pause_after(SCHEDULE, failures, overloaded=overloaded, retry_after=asked, chance=chance)


def test_without_chance_the_attempts_are_those_of_the_specification() -> None:
    passed, attempts = timedelta(), []
    for failures in range(1, 10):
        waited = pause(failures)
        assert waited is not None
        passed += waited
        attempts.append(passed / timedelta(seconds=1))
    assert attempts == [seconds(clock) for clock in SINCE_START]
    assert pause(10) is None


@given(st.integers(1, 9), st.floats(0, 1))
def test_chance_moves_an_attempt_by_a_fifth_at_most(failures: int, chance: float) -> None:
    planned, moved = pause(failures), pause(failures, chance=chance)
    assert planned is not None
    assert moved is not None
    assert 0.8 * planned <= moved <= 1.2 * planned


@given(
    st.integers(1, 9), st.floats(0, 1), st.floats(0, 1e9), st.sampled_from(["calm", "overloaded"])
)
def test_a_partner_who_asks_for_time_gets_no_less_than_planned_and_no_more_than_twice(
    failures: int, chance: float, after: float, mood: str
) -> None:
    overloaded = mood == "overloaded"
    planned = pause(failures, chance=chance, overloaded=overloaded)
    asked = pause(failures, chance=chance, after=after, overloaded=overloaded)
    assert planned is not None
    assert asked is not None
    assert planned <= asked <= 2 * planned
    wanted = timedelta(seconds=after)
    assert asked == wanted or not planned <= wanted <= 2 * planned


@given(st.floats(0, 1))
def test_an_overloaded_partner_gets_a_minute_at_least(chance: float) -> None:
    assert pause(1, chance=chance, overloaded=True) == timedelta(seconds=60)
    long = pause(2, chance=chance, overloaded=True)
    assert long == pause(2, chance=chance)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120),
        ("1.2", 2),
        ("0", 0),
        ("Fri, 27 Nov 2026 08:01:30 GMT", 90),
        ("Fri, 27 Nov 2026 07:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("1e3", None),
        ("99999999999999", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_anything_else_is_nothing(
    value: str, expected: int | None
) -> None:
    found = retry_after_of({"retry-after": value}, NOW)
    assert found == (None if expected is None else timedelta(seconds=expected))


@given(st.text(max_size=40))
def test_no_retry_after_breaks_anything(value: str) -> None:
    found = retry_after_of({"retry-after": value}, NOW)
    assert found is None or found >= timedelta()


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (200, None),
        (204, None),
        (299, None),
        (301, "redirect"),
        (308, "redirect"),
        (400, "client_error"),
        (401, "client_error"),
        (410, "gone"),
        (429, "throttled"),
        (500, "server_error"),
        (502, "throttled"),
        (503, "server_error"),
        (504, "throttled"),
    ],
)
def test_only_2xx_is_a_success(status: int, failure: str | None) -> None:
    assert failure_of(status) == failure


@pytest.mark.parametrize(
    ("origin", "age_days", "reason"),
    [
        ("live", 0, None),
        ("live", 1.9, None),
        ("live", 2.1, "too_old"),
        ("import", 0, "not_live"),
        ("replay", 0, "not_live"),
        ("demo", 0, "not_live"),
    ],
)
def test_only_what_happens_now_leaves(origin: str, age_days: float, reason: str | None) -> None:
    occurred = NOW - timedelta(days=age_days)
    assert suppressed(origin, occurred, NOW, SCHEDULE.max_age) == reason


def test_a_partner_is_given_up_after_five_days_without_taking_anything() -> None:
    assert not is_given_up(SCHEDULE, NOW - timedelta(days=4, hours=23), NOW)
    assert is_given_up(SCHEDULE, NOW - timedelta(days=5), NOW)


def test_a_star_stands_for_every_type_and_a_type_for_itself_alone() -> None:
    assert wants(["*"], "ticket.closed")
    assert wants(["ticket.closed", "ticket.created"], "ticket.created")
    assert not wants(["ticket.closed"], "ticket.close")
