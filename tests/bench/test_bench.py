"""The bench measures what it says; how fast anything is, no test judges."""

import json
import os
import time
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from bench.fill import fill_tickets, resolve_again, ticket_id
from bench.ground import TEAMS, agent, team
from bench.load import request_bytes, send_all
from bench.machine import Meter
from bench.pipeline import nearest_rank
from bench.samples import Sample, in_rounds
from bench.table import Row
from bench.yardsticks import tickets as yardstick
from services.tickets import service as part
from shared.auth.actor import ActorKind, Role
from shared.http.app import Ground, create_app
from shared.serving import listening, serving
from shared.settings import CommonSettings
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, token

ASKED = {"kind": "complaint", "channel": "phone", "subject": "a", "description": "b"}
FILLED = 2 * TEAMS


async def rows_written(dsn: str) -> dict[str, int]:
    """Return how many rows the tables have that a create and a closing write."""
    connection = await asyncpg.connect(dsn)
    try:
        return {
            table: await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
            for table in ("tickets", "ticket_moves", "outbox")
        }
    finally:
        await connection.close()


async def create_and_close(app: FastAPI, prefix: str, headers: dict[str, str]) -> dict[str, Any]:
    """Open a ticket, close another, and return the closed one."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench.test") as client:
        for path, body, status in (
            (f"{prefix}/tickets", ASKED | {"org_unit_id": str(team(0))}, 201),
            (f"{prefix}/tickets/{ticket_id(0)}/close", None, 200),
        ):
            key = {"Idempotency-Key": str(uuid4())}
            answer = await client.post(path, json=body, headers=headers | key)
            assert answer.status_code == status, answer.text
    closed: dict[str, Any] = answer.json()
    return closed


def prepared_by(databases: Databases, url: str) -> str:
    """Return a database's address as the superuser who fills it."""
    name = url.partition("@/")[2].partition("?")[0]
    return databases.server.postgres.url(name, role="postgres").replace("+asyncpg", "")


async def test_the_yardstick_writes_the_rows_that_we_write(databases: Databases) -> None:
    service = part.create_service(CommonSettings(), VAULT)
    written, answers = [], []
    for ours in (True, False):
        url = await databases.url(service)
        dsn = prepared_by(databases, url)
        await fill_tickets(dsn, FILLED)
        before = await rows_written(dsn)
        if ours:
            bearer = token(ActorKind.STAFF, agent(0), [Role.AGENT])
            app = create_app(service, Ground(databases.connect(url), VAULT, KEYS))
            headers = {"Authorization": f"Bearer {bearer}"}
            answers.append(await create_and_close(app, "/api/v1", headers))
        else:
            async with yardstick.app(url) as app:
                answers.append(await create_and_close(app, "", {}))
        after = await rows_written(dsn)
        written.append({table: after[table] - before[table] for table in after})
    assert written == [{"tickets": 1, "ticket_moves": 2, "outbox": 2}] * 2
    assert answers[0].keys() == answers[1].keys()
    assert answers[0]["state"] == answers[1]["state"] == "closed"


async def test_closed_tickets_can_be_closed_again_in_the_next_round(databases: Databases) -> None:
    service = part.create_service(CommonSettings(), VAULT)
    url = await databases.url(service)
    dsn = prepared_by(databases, url)
    await fill_tickets(dsn, FILLED)
    for _ in range(2):
        async with yardstick.app(url) as app:
            await create_and_close(app, "", {})
        await resolve_again(dsn)


async def test_the_load_client_sends_every_request_and_tells_of_a_wrong_answer() -> None:
    app, seen = FastAPI(), []

    @app.post("/{number}")
    async def take(number: int, body: dict[str, int]) -> None:
        seen.append((number, body["number"]))

    requests = [
        request_bytes("POST", f"/{n}", {}, json.dumps({"number": n}).encode()) for n in range(100)
    ]
    with listening("127.0.0.1", 0) as listener:
        async with serving(app, listener):
            port = listener.getsockname()[1]
            took = await send_all(port, requests, expected=200, connections=4)
            with pytest.raises(RuntimeError, match="expected 200, got 422"):
                await send_all(port, [request_bytes("POST", "/1", {}, b"{}1")], expected=200)
    assert sorted(seen) == [(n, n) for n in range(100)]
    assert len(took) == len(requests)


async def test_every_case_has_its_turn_in_every_round() -> None:
    turns: list[str] = []

    def case(name: str) -> Any:
        async def run() -> Sample:
            turns.append(name)
            return Sample(rate=len(turns), cpu_us=1.0)

        return run

    series = await in_rounds({"a": case("a"), "b": case("b")}, rounds=3)
    assert [sorted(turns[i : i + 2]) for i in (0, 2, 4)] == [["a", "b"]] * 3
    assert sorted(one.rate for s in series.values() for one in s.samples) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("ratio", "more", "verdict"),
    [(0.5, True, "ok"), (0.49, True, "below"), (0.5, False, "ok"), (0.51, False, "below")],
)
def test_a_figure_is_ok_from_its_floor_on(*, ratio: float, more: bool, verdict: str) -> None:
    assert Row("a", "1/s", "2/s", ratio, 0.5, 0.9, more=more).verdict == verdict


def test_the_meter_counts_the_processor_time_of_a_process() -> None:
    with Meter({"this": os.getpid()}) as meter:
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
    assert 0.2 <= meter.used["this"] < 2
    assert meter.seconds >= meter.used["this"] - 0.1


@pytest.mark.parametrize(("value", "verdict"), [(100.0, "ok"), (101.0, "below")])
def test_a_limit_that_is_no_ratio_is_held_against_its_own_value(value: float, verdict: str) -> None:
    row = Row("a", "1 ms", "2 ms", 9.0, None, 100.0, more=False, value=value)
    assert row.verdict == verdict


def test_a_quantile_is_a_value_that_was_measured() -> None:
    taken = [float(number) for number in range(100, 0, -1)]
    assert [nearest_rank(taken, part) for part in (0.5, 0.99, 1.0)] == [50, 99, 100]
    assert nearest_rank([7.0], 0.5) == 7
