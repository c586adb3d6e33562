"""When a request's work is committed, and when it is taken back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import func, insert, select, text

from shared.database import AFTER_COMMIT, EMITTED, Database
from shared.http.app import Ground, create_app
from shared.http.problems import ProblemError, problem_of
from shared.http.transaction import Transaction, work_of
from shared.ids import new_id
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT
from tests.support.sample_service import sample_service, tallies

router = APIRouter(prefix="/api/v1/work", include_in_schema=False)

NO_SPACE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END$$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON tallies
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"""
"""Whatever is inserted fails in the moment of its commit."""


@router.post("/{what}")
async def work(what: str, request: Request, session: Transaction) -> Any:
    await session.execute(insert(tallies).values(id=new_id(), amount=1))
    session.info[EMITTED] = True
    session.info[AFTER_COMMIT] = [lambda: request.app.state.followed.append(what)]
    if what == "answer a problem":
        return problem_of(request, ProblemError(409, "unlucky", "Not today."))
    if what == "raise":
        raise ProblemError(409, "unlucky", "Not today.")
    if what == "stream":
        return StreamingResponse(_count_again(request))
    if what == "say nothing":
        return _Silent()
    return {"done": what}


class _Silent(Response):
    """An answer that never begins."""

    async def __call__(self, *_: object) -> None:
        """Send nothing."""


async def _count_again(request: Request) -> AsyncIterator[str]:
    yield "begun"
    yield str(await count(request.app.state.database))
    await work_of(request).session()


async def count(database: Database) -> int:
    """Return how many rows others can see."""
    async with database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(tallies)) or 0


@dataclass
class Worker:
    """A client of the application, its database, and what was called after a commit."""

    client: httpx.AsyncClient
    database: Database
    followed: list[str]

    async def ask(self, what: str) -> httpx.Response:
        return await self.client.post(f"/api/v1/work/{what}")


@pytest.fixture
async def worker(databases: Databases) -> AsyncIterator[Worker]:
    service = replace(sample_service(), routers=(router,))
    database = await databases.open(service)
    app = create_app(service, Ground(database, VAULT, KEYS))
    app.state.followed = []
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://careloop") as client:
        yield Worker(client, database, app.state.followed)
    assert database.pool.in_use == 0


async def test_work_is_committed_before_its_answer_and_wakes_who_waits(worker: Worker) -> None:
    assert (await worker.ask("all")).json() == {"done": "all"}
    assert (await count(worker.database), worker.followed) == (1, ["all"])
    assert worker.database.emitted.is_set()


@pytest.mark.parametrize(("state", "status"), [("53100", 503), ("23514", 500)])
async def test_a_commit_that_fails_is_never_answered_as_done(
    worker: Worker, state: str, status: int
) -> None:
    async with worker.database.transaction() as session:
        for statement in NO_SPACE.format(state=state).split(";\n"):
            await session.execute(text(statement))
    answer = await worker.ask("all")
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    assert (await count(worker.database), worker.followed) == (0, [])
    assert not worker.database.emitted.is_set()


@pytest.mark.parametrize("what", ["answer a problem", "raise"])
async def test_work_whose_answer_is_a_problem_is_taken_back(worker: Worker, what: str) -> None:
    assert (await worker.ask(what)).status_code == 409
    assert (await count(worker.database), worker.followed) == (0, [])


async def test_a_body_that_streams_sees_committed_work_and_cannot_work_on(worker: Worker) -> None:
    with pytest.raises(RuntimeError, match="the answer has begun"):
        await worker.ask("stream")
    assert await count(worker.database) == 1


async def test_work_without_any_answer_is_taken_back(worker: Worker) -> None:
    with pytest.raises(AssertionError):
        await worker.ask("say nothing")
    assert await count(worker.database) == 0
