"""A process says that it lives, and whether it can serve; its bus is not needed for that."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.database import Database
from shared.http.health import FRESH_SECONDS, Readiness
from shared.http.health_api import add_health
from shared.serving import CLOSE, listening, serving
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.sample_service import ShelfBus, sample_service

NOWHERE = "postgresql+asyncpg://nobody@/nothing?host=/nowhere"
Probe = Callable[[Readiness], Awaitable[tuple[int, Any]]]


@pytest.fixture
def probe() -> Probe:
    """Ask /readyz, and make the next answer a fresh one."""

    async def ask(readiness: Readiness) -> tuple[int, Any]:
        app = FastAPI()
        add_health(app, [readiness])
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://host") as client:
            assert (await client.get("/livez")).json() == {"status": "ok"}
            answer = await client.get("/readyz")
            readiness._checked_at -= FRESH_SECONDS + 1
            return answer.status_code, answer.json()["checks"]["sample"]

    return ask


async def test_a_service_serves_without_its_bus_and_says_so(
    databases: Databases, probe: Probe
) -> None:
    service, bus = sample_service(), ShelfBus()
    readiness = Readiness(service, await databases.open(service), bus)
    assert await probe(readiness) == (200, {"database": "ok", "bus": "ok"})
    bus.away = True
    assert await probe(readiness) == (200, {"database": "ok", "bus": "degraded"})


async def test_a_service_whose_database_is_not_migrated_is_not_ready(
    databases: Databases, probe: Probe
) -> None:
    readiness = Readiness(sample_service(), databases.connect(await databases.empty()), None)
    assert (await probe(readiness))[0] == 503


async def test_a_database_that_was_never_there_is_seen_at_once_and_a_hiccup_is_not(
    databases: Databases, probe: Probe, tmp_path: Path
) -> None:
    service, away = sample_service(), Database(f"{NOWHERE}{tmp_path}")
    assert (await probe(Readiness(service, away, None)))[0] == 503
    readiness = Readiness(service, await databases.open(service), None)
    assert (await probe(readiness))[0] == 200
    there, readiness.database = readiness.database, away
    assert [(await probe(readiness))[0] for _ in range(3)] == [200, 200, 503]
    readiness.database = there
    assert (await probe(readiness))[0] == 200
    await away.dispose()


async def test_a_service_that_leaves_serves_on_and_tells_balancers_and_connections(
    databases: Databases,
) -> None:
    service = sample_service()
    readiness = Readiness(service, await databases.open(service), None)
    app = FastAPI()
    add_health(app, [readiness])
    with listening("127.0.0.1", 0) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            httpx.AsyncClient(base_url=url, trust_env=False) as client,
            serving(app, listener) as server,
        ):
            before = await client.get("/livez")
            assert (before.status_code, before.headers.get("Connection")) == (200, None)
            readiness.leaving = True
            draining = asyncio.create_task(server.drain(60))
            await until(lambda: CLOSE in server.server_state.default_headers)
            after = await client.get("/readyz")
            assert (after.status_code, after.json()["status"]) == (503, "leaving")
            live = await client.get("/livez")
            assert (live.status_code, live.headers["Connection"]) == (200, "close")
            draining.cancel()


async def test_many_probes_are_one_question_to_the_database(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, asked = sample_service(), 0
    readiness = Readiness(service, await databases.open(service), None)
    answers = readiness._database_answers

    async def counted() -> bool:
        nonlocal asked
        asked += 1
        return await answers()

    monkeypatch.setattr(readiness, "_database_answers", counted)
    for _ in range(50):
        await readiness.checks()
    assert asked == 1
