"""What happens shows in the metrics: refusals, batches and their age, relays, sweeps, pools."""

import asyncio
import time
import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from prometheus_client import REGISTRY

from shared.bus.interface import BusUnavailableError
from shared.clock import utcnow
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.http.health import Readiness
from shared.http.health_api import add_health
from shared.ids import new_id
from shared.inbox.receive import receive_into
from shared.outbox.emit import emit
from shared.outbox.relay import run_relay
from shared.release import RELEASE
from shared.sweeps import Sweep, run_sweep
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.people import KEYS, VAULT
from tests.support.sample_service import (
    EVENTS,
    Counted,
    ShelfBus,
    counted,
    deliver,
    message_of,
    sample_inbox,
    sample_service,
    saying,
)

ROOT = Path(__file__).parents[2]


def seen(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_batch_shows_its_outcomes_its_time_and_the_age_of_its_news(
    databases: Databases,
) -> None:
    database = await databases.open(sample_service())
    receive = receive_into(sample_inbox(database), EVENTS)
    labels = {"service": "sample", "queue": "events"}
    outcomes = ("handled", "duplicate", "retry", "put_aside")
    before = [seen("careloop_consumer_messages_total", **labels, outcome=o) for o in outcomes]
    took = seen("careloop_consumer_handle_seconds_count", **labels)
    minute = seen("careloop_consumer_lag_seconds_bucket", **labels, le="60.0")
    older = seen("careloop_consumer_lag_seconds_bucket", **labels, le="300.0")

    said = (utcnow() - timedelta(seconds=120)).isoformat()
    two_minutes_old = message_of({"tally_id": str(new_id()), "amount": 1}, envelope={"time": said})
    await receive(deliver(two_minutes_old))
    await receive(deliver(two_minutes_old))
    await receive(deliver(counted(new_id(), mood="angry")))
    await receive(deliver(message_of({"tally_id": "no id"})))

    after = [seen("careloop_consumer_messages_total", **labels, outcome=o) for o in outcomes]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1, 1]
    assert seen("careloop_consumer_handle_seconds_count", **labels) - took == 3
    assert seen("careloop_consumer_lag_seconds_bucket", **labels, le="60.0") == minute
    assert seen("careloop_consumer_lag_seconds_bucket", **labels, le="300.0") - older == 2


async def test_a_relay_without_its_bus_and_a_sweep_that_fails_are_counted(
    databases: Databases,
) -> None:
    database, bus = await databases.open(sample_service()), ShelfBus()
    bus.away = True
    async with database.transaction() as session:
        await emit(session, saying(Counted(tally_id=new_id(), amount=1)))
    turns = 0

    async def work(_database: Database, _now: datetime) -> int:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise BusUnavailableError
        return 0

    labels = {"database": database.name, "sweep": "tested"}
    relay = asyncio.create_task(run_relay(database, bus, service="unplugged"))
    sweep = asyncio.create_task(
        run_sweep(Sweep("tested", timedelta(milliseconds=5), work), database, utcnow)
    )
    failed = {"service": "unplugged", "reason": "bus_away"}
    await until(lambda: seen("careloop_outbox_publish_failures_total", **failed) >= 1)
    await until(lambda: seen("careloop_sweep_failures_total", **labels) == 1)
    first = time.time()
    await until(lambda: seen("careloop_sweep_timestamp_seconds", **labels) > first)
    for task in (relay, sweep):
        task.cancel()
    await asyncio.gather(relay, sweep, return_exceptions=True)
    assert seen("careloop_sweep_failures_total", **labels) == 1
    assert seen("careloop_sweep_every_seconds", **labels) == 0.005


async def test_a_sweep_that_never_ended_a_turn_is_as_late_as_its_process_is_old(
    databases: Databases,
) -> None:
    database, before = await databases.open(sample_service()), time.time()

    async def work(_database: Database, _now: datetime) -> int:
        raise BusUnavailableError

    labels = {"database": database.name, "sweep": "hopeless"}
    hopeless = Sweep("hopeless", timedelta(milliseconds=5), work)
    sweep = asyncio.create_task(run_sweep(hopeless, database, utcnow))
    await until(lambda: seen("careloop_sweep_failures_total", **labels) >= 1)
    began = seen("careloop_sweep_timestamp_seconds", **labels)
    await until(lambda: seen("careloop_sweep_failures_total", **labels) >= 5)
    sweep.cancel()
    await asyncio.gather(sweep, return_exceptions=True)
    assert before <= began <= time.time()
    assert seen("careloop_sweep_timestamp_seconds", **labels) == began


async def test_a_refusal_shows_by_its_code_and_connections_by_their_pool(
    databases: Databases,
) -> None:
    service = sample_service()
    database = await databases.open(service)
    app = create_app(service, Ground(database, VAULT, KEYS))
    add_health(app, [Readiness(service, database, None)])
    refused = {"service": "sample", "code": "not_authenticated"}
    before = seen("careloop_http_errors_total", **refused)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://host") as client:
        assert (await client.get("/api/v1/sample/dead-letters")).status_code == 401
        async with database.transaction():
            shown = (await client.get("/metrics")).text
    assert seen("careloop_http_errors_total", **refused) - before == 1
    assert seen("http_server_active_requests", service="sample") == 0
    assert f'careloop_db_pool_in_use{{database="{database.name}"}} 1.0' in shown
    assert f'careloop_db_pool_size{{database="{database.name}"}}' in shown
    assert f'careloop_build_info{{version="{RELEASE}"}} 1.0' in shown
    assert seen("careloop_db_pool_wait_seconds_count", database=database.name) > 0


def test_the_release_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == RELEASE
