"""Nobody overwrites what he has not seen, and pages lead through everything once."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import insert, text
from starlette.types import Message

from shared.http.transaction import Transaction
from shared.ids import new_id
from tests.shared.http.conftest import Small
from tests.support.sample_service import tallies

TALLIES = "/api/v1/tallies"


async def added(small: Small, amount: int = 7) -> str:
    answer = await small.person.post(TALLIES, {"amount": amount})
    return str(answer.json()["id"])


async def changed(small: Small, tally: str, tag: str | None, version: int | None = None) -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    body = {"amount": 0} | ({} if version is None else {"version": version})
    return await small.person.client.patch(f"{TALLIES}/{tally}", json=body, headers=headers)


@pytest.mark.parametrize(
    ("tag", "version", "status"),
    [
        ('"7"', None, 200),
        ('W/"7"', None, 200),
        ("*", None, 200),
        (None, 7, 200),
        ('"7"', 6, 200),  # the header counts
        ('"6"', None, 412),
        ('"6"', 7, 412),
        (None, 6, 412),
        ("7", None, 412),
        ('"seven"', None, 412),
        ('"' + "7" * 5000 + '"', None, 412),
        ('"6", "7"', None, 412),
        (None, None, 428),
        ("", None, 412),
    ],
)
async def test_a_change_says_which_version_it_is_of(
    small: Small, tag: str | None, version: int | None, status: int
) -> None:
    tally = await added(small)
    answer = await changed(small, tally, tag, version)
    assert answer.status_code == status
    if status == 412:
        assert answer.json()["code"] == "stale_version"
        assert answer.headers["etag"] == '"7"'  # what to look at before trying again
    assert await small.amounts() == [8 if status == 200 else 7]


async def test_of_many_changes_of_one_version_one_is_made(small: Small) -> None:
    tally = await added(small)
    answers = await asyncio.gather(*(changed(small, tally, '"7"') for _ in range(30)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 29
    assert await small.amounts() == [8]


async def test_who_has_a_version_already_is_not_sent_it_again(small: Small) -> None:
    tally = await added(small)
    for known, status in (('"7"', 304), ('"1", W/"7"', 304), ('"6"', 200), ("x", 200)):
        answer = await small.person.get(f"{TALLIES}/{tally}", headers={"If-None-Match": known})
        assert answer.status_code == status
        assert answer.headers["etag"] == '"7"'


async def test_pages_lead_through_everything_once(small: Small) -> None:
    async with small.database.transaction() as session:
        await session.execute(insert(tallies), [{"id": new_id(), "amount": n} for n in range(25)])
    path: str | None = f"{TALLIES}?limit=10&least=0"
    seen: list[int] = []
    while path:
        answer = await small.person.get(path)
        seen += [row["amount"] for row in answer.json()["data"]]
        link = answer.headers.get("link", "")
        assert (answer.json()["next_cursor"] is None) is (link == "")
        path = link.partition(">")[0].removeprefix("<") or None
    assert seen == list(range(24, -1, -1))


async def test_a_cursor_fits_its_own_question_only(small: Small) -> None:
    for _ in range(3):
        await added(small)
    first = await small.person.get(f"{TALLIES}?limit=1")
    cursor = first.json()["next_cursor"]
    swapped = cursor[:-1] + ("A" if cursor[-1] != "A" else "Q")
    wrong = [
        ("?least=1&cursor=", cursor),
        ("?cursor=", swapped),
        ("?cursor=", cursor[2:]),
        ("?cursor=", "x"),
        ("?cursor=", "%F0%9F%98%80"),
        ("?cursor=", "%00"),
        ("?cursor=", ""),
    ]
    for query, value in wrong:
        answer = await small.person.get(f"{TALLIES}{query}{value}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), value
    longer = await small.person.get(f"{TALLIES}?limit=2&cursor={cursor}")
    assert len(longer.json()["data"]) == 2  # how many at a time is not part of the question


async def test_an_answer_leaves_after_its_work_is_committed(small: Small) -> None:
    """Look from beside, at the moment when the first byte of the answer leaves."""
    seen: list[int] = []
    app = small.app

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def look(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.extend(await small.amounts())
            await send(message)

        await app(scope, receive, look)

    headers = {"Authorization": f"Bearer {small.token}", "Idempotency-Key": str(new_id())}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(watched), base_url="http://careloop.test", headers=headers
    ) as client:
        answer = await client.post(TALLIES, json={"amount": 5})
        assert (answer.status_code, seen) == (201, [5])
        changed_ = await client.patch(
            f"{TALLIES}/{answer.json()['id']}", json={"amount": 0}, headers={"If-Match": "*"}
        )
        assert (changed_.status_code, seen) == (200, [5, 6])


async def test_a_commit_that_fails_is_never_answered_with_success(small: Small) -> None:
    late = APIRouter(prefix="/api/v1/late")

    @late.put("")
    async def promise(session: Transaction) -> str:
        await session.execute(
            text(
                "CREATE TEMP TABLE debt (id int UNIQUE DEFERRABLE INITIALLY DEFERRED) "
                "ON COMMIT DROP"
            )
        )
        await session.execute(text("INSERT INTO debt VALUES (1), (1)"))  # refused by the commit
        return "done"

    small.app.include_router(late)
    answer = await small.person.client.put("/api/v1/late")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
