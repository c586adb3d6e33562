"""A POST that is repeated has its effect once, and its answer again."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update

from shared.auth.actor import ActorKind, Role
from shared.clock import utcnow
from shared.http.idempotency import forget_expired_keys, idempotency_keys
from shared.ids import new_id
from shared.privacy.traces import Traces, erase_traces
from tests.shared.http.conftest import Small
from tests.support.people import VAULT, token

TALLIES = "/api/v1/tallies"


async def test_twenty_at_the_same_time_have_one_effect_and_one_answer(small: Small) -> None:
    key = str(uuid4())
    answers = await asyncio.gather(
        *(small.person.post(TALLIES, {"amount": 7}, key=key) for _ in range(20))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({(answer.headers["location"], answer.headers["etag"]) for answer in answers}) == 1
    replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
    assert sorted(map(str, replayed)) == ["None"] + ["true"] * 19
    assert await small.amounts() == [7]


async def test_a_key_is_for_one_request_of_one_person(small: Small) -> None:
    key = str(uuid4())
    await small.person.post(TALLIES, {"amount": 1}, key=key)
    for path, body in (
        (TALLIES, {"amount": 2}),
        (f"{TALLIES}?x=1", {"amount": 1}),
    ):
        other = await small.person.post(path, body, key=key)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    somebody = new_id()
    bearer = token(ActorKind.CUSTOMER, somebody, [Role.CUSTOMER])
    else_ = small.people.bearing(somebody, bearer)
    assert (await else_.post(TALLIES, {"amount": 2}, key=key)).status_code == 201
    assert sorted(await small.amounts()) == [1, 2]


async def test_a_refusal_that_would_always_be_the_same_is_stored(small: Small) -> None:
    for body, status, code in (
        ({"amount": 13}, 409, "unlucky"),
        ({"amount": "x"}, 422, "invalid_request"),
    ):
        key = str(uuid4())
        first = await small.person.post(TALLIES, body, key=key)
        again = await small.person.post(TALLIES, body, key=key)
        assert (first.status_code, first.json()["code"]) == (status, code)
        assert again.content == first.content
        assert again.headers["content-type"] == "application/problem+json"
        assert again.headers["idempotency-replayed"] == "true"
    assert await small.amounts() == []


async def test_a_fault_of_ours_is_not_stored(small: Small) -> None:
    key = str(uuid4())
    assert (await small.person.post(TALLIES, {"amount": 14}, key=key)).status_code == 500
    again = await small.person.post(TALLIES, {"amount": 14}, key=key)
    assert again.status_code == 500
    assert "idempotency-replayed" not in again.headers
    async with small.database.transaction() as session:
        assert list(await session.execute(select(idempotency_keys))) == []


async def test_a_key_that_is_missing_or_none_is_refused(small: Small) -> None:
    client = small.person.client
    missing = await client.post(TALLIES, json={"amount": 1})
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_missing")
    for keys in (["short"], ["x" * 256], ["with space 1"], ["a" * 8, "b" * 8], ["ключключ"]):
        answer = await client.post(
            TALLIES, json={"amount": 1}, headers=[(b"Idempotency-Key", k.encode()) for k in keys]
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert await small.amounts() == []


async def test_a_key_is_forgotten_after_a_day(small: Small) -> None:
    key = str(uuid4())
    await small.person.post(TALLIES, {"amount": 1}, key=key)
    await forget_expired_keys(small.database, utcnow() + timedelta(hours=23))
    await small.person.post(TALLIES, {"amount": 1}, key=key)
    assert await small.amounts() == [1]
    await forget_expired_keys(small.database, utcnow() + timedelta(hours=25))
    await small.person.post(TALLIES, {"amount": 1}, key=key)
    assert await small.amounts() == [1, 1]
    async with small.database.transaction() as session:
        await session.execute(update(idempotency_keys).values(expires_at=utcnow()))
    await small.person.post(TALLIES, {"amount": 1}, key=key)
    assert await small.amounts() == [1, 1, 1]


async def test_an_answer_about_an_erased_customer_is_erased_and_its_work_not_done_again(
    small: Small,
) -> None:
    key, mine, other = str(uuid4()), str(uuid4()), new_id()
    done = await small.person.post(TALLIES, {"amount": 3}, key=key)
    stranger = small.people.bearing(other, token(ActorKind.CUSTOMER, other, [Role.CUSTOMER]))
    kept = await stranger.post(TALLIES, {"amount": 4}, key=mine)
    traces = Traces(new_id(), frozenset({UUID(done.json()["id"])}))
    async with small.database.transaction() as session:
        assert await erase_traces(session, VAULT, traces, now=utcnow()) == 1
        assert await erase_traces(session, VAULT, traces, now=utcnow()) == 0

    again = await small.person.post(TALLIES, {"amount": 3}, key=key)

    assert (again.status_code, again.json()["code"]) == (410, "answer_erased")
    assert (await stranger.post(TALLIES, {"amount": 4}, key=mine)).content == kept.content
    async with small.database.transaction() as session:
        his = Traces(other)
        assert await erase_traces(session, VAULT, his, now=utcnow()) == 1
    assert sorted(await small.amounts()) == [3, 4]
