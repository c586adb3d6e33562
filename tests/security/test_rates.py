"""Who asks too often is told when to come again, and nobody else notices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.front import Front, front_of
from shared.http.rates import DEFAULT_RATES, MOST_BUCKETS, Rates, Seen, address_of
from shared.settings import CommonSettings
from tests.security.conftest import Behind
from tests.shared.http.conftest import Small

TALLIES = "/api/v1/tallies"


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_a_bucket_lets_its_quota_through_at_once_and_then_as_fast_as_it_fills() -> None:
    hand = Hand()
    rates = Rates({Seen.CALLER: 6}, hand)  # one request in ten seconds
    taken = [rates.take(Seen.CALLER, "a") for _ in range(7)]
    shown = [(one.left, one.seconds, one.refused) for one in taken if one is not None]
    assert shown == [
        (5, 10, False),
        (4, 20, False),
        (3, 30, False),
        (2, 40, False),
        (1, 50, False),
        (0, 60, False),
        (0, 10, True),
    ]
    hand.at += 10
    again = [rates.take(Seen.CALLER, "a") for _ in range(2)]
    assert [one is not None and one.refused for one in again] == [False, True]
    other = rates.take(Seen.CALLER, "b")
    assert other is not None
    assert other.left == 5


@given(
    quota=st.integers(1, 5000),
    pauses=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200),
)
def test_no_window_ever_sees_more_than_twice_the_quota(quota: int, pauses: list[float]) -> None:
    hand, passed = Hand(), list[float]()
    rates = Rates({Seen.CALLER: quota}, hand)
    for pause in pauses:
        hand.at += pause
        standing = rates.take(Seen.CALLER, "a")
        assert standing is not None
        if not standing.refused:
            passed.append(hand.at)
    for begin in passed:
        assert sum(begin <= at < begin + 60 for at in passed) <= 2 * quota


def test_a_flood_of_addresses_fills_no_memory_and_frees_nobody_who_asks_now() -> None:
    rates = Rates({Seen.ADDRESS: 1}, Hand())
    for number in range(MOST_BUCKETS + 10):
        rates.take(Seen.ADDRESS, str(number))
    assert len(rates._full_at) <= MOST_BUCKETS
    last = rates.take(Seen.ADDRESS, str(MOST_BUCKETS + 9))
    assert last is not None
    assert last.refused


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not:an:address", "not:an:address"),
    ],
)
def test_a_household_is_one_address(host: str, counted: str) -> None:
    assert address_of({"type": "http", "client": (host, 1)}) == counted


async def test_each_caller_has_his_own_quota_and_is_told_what_is_left(behind: Behind) -> None:
    small = await behind(Front(rates={Seen.CALLER: 3, Seen.ADDRESS: 1000}))
    answers = [await small.person.get(TALLIES) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit"] for answer in answers] == [
        '"caller";r=2;t=20',
        '"caller";r=1;t=40',
        '"caller";r=0;t=60',
        '"caller";r=0;t=20',
    ]
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "20"
    assert refused.headers["ratelimit-policy"] == '"caller";q=3;w=60'
    assert (await small.people.customer().get(TALLIES)).status_code == 200


async def test_a_refused_call_has_done_nothing_and_its_key_is_free(behind: Behind) -> None:
    small = await behind(Front(rates={Seen.CALLER: 1}))
    first = await small.person.post(TALLIES, {"amount": 1}, key="the-first-one")
    second = await small.person.post(TALLIES, {"amount": 2}, key="the-second-one")
    assert (first.status_code, second.status_code) == (201, 429)
    assert await small.amounts() == [1]
    small.app.state.rates._full_at.clear()
    assert (
        await small.person.post(TALLIES, {"amount": 2}, key="the-second-one")
    ).status_code == 201


async def test_an_address_is_counted_with_and_without_a_token(behind: Behind) -> None:
    small = await behind(Front(rates={Seen.ADDRESS: 2}))
    nobody = small.people.bearing(small.person.id, None)
    codes = [(await one.get(TALLIES)).status_code for one in (nobody, small.person, nobody)]
    assert codes == [401, 200, 429]
    refused = await nobody.get(TALLIES)
    assert refused.headers["ratelimit"].startswith('"address";r=0')
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["x-content-type-options"] == "nosniff"


async def test_without_settings_nobody_is_counted(behind: Behind) -> None:
    small = await behind(Front())
    answer = await small.person.get(TALLIES)
    assert "ratelimit" not in answer.headers


def test_the_development_sign_in_limits_only_what_is_set() -> None:
    assert front_of(CommonSettings(development=False)).rates == DEFAULT_RATES
    assert front_of(CommonSettings(development=True)).rates == {}
    given = {"caller": 7, "answer": 0}
    assert front_of(CommonSettings(development=True, rates=given)).rates == {
        Seen.CALLER: 7,
        Seen.ANSWER: 0,
    }
    assert front_of(CommonSettings(rates=given)).rates[Seen.SIGN_IN] == 120
    with pytest.raises(ValueError, match="callers"):
        front_of(CommonSettings(rates={"callers": 1}))


async def test_a_caller_who_forges_names_uses_nobodys_quota(behind: Behind) -> None:
    small: Small = await behind(Front(rates={Seen.CALLER: 1}))
    forger = small.people.bearing(small.person.id, small.token[:-4] + "AAAA")
    assert {(await forger.get(TALLIES)).status_code for _ in range(5)} == {401}
    assert (await small.person.get(TALLIES)).status_code == 200
