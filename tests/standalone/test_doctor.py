"""`careloop doctor` finds each thing that is broken and says what to do; a sound system says so."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import httpx
import pytest
from sqlalchemy import text

from careloop.doctor import database as looking
from careloop.doctor import machine, origin
from careloop.doctor.broker import examine_broker
from careloop.doctor.database import examine_database
from careloop.doctor.findings import Finding, Level, line
from careloop.doctor.keys import examine_keys
from shared.bus.interface import Subscription
from shared.bus.rabbit.bus import RabbitBus
from shared.clock import utcnow
from shared.crypto.key_files import ensure_keys
from shared.database import Database
from shared.ids import new_id
from shared.settings import CommonSettings
from standalone.compose import NAMES
from tests.standalone.started import started
from tests.support.databases import Databases
from tests.support.patience import PATIENCE_SECONDS
from tests.support.rabbitmq import RabbitNode
from tests.support.sample_service import sample_service

RINGS = {"data": ("sample",), "letters": ("sample", "other")}
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


async def bad(findings: AsyncIterable[Finding] | Iterable[Finding]) -> str:
    """Return what is not as it must be, a line each."""
    if isinstance(findings, AsyncIterable):
        findings = [finding async for finding in findings]
    return "\n".join(line(finding) for finding in findings if finding.level is not Level.OK)


class Patient:
    """A service's database that a test breaks, and how its examination ends."""

    def __init__(self, databases: Databases, url: str) -> None:
        self.url, self.name = url, url.partition("@/")[2].partition("?")[0]
        self.role = url.partition("://")[2].partition("@")[0]
        self._as = {
            role: databases.connect(databases.server.postgres.url(self.name, role=role))
            for role in (self.role, "postgres")
        }

    async def has(self, statement: str, *, role: str | None = None, **values: Any) -> None:
        async with self._as[role or self.role].transaction() as session:
            await session.execute(text(statement), values)

    def own(self) -> Database:
        return self._as[self.role]

    async def found(self, **settings: Any) -> str:
        service = replace(sample_service(), database_url=self.url)
        return await bad(examine_database(service, CommonSettings(**settings)))


@pytest.fixture
async def patient(databases: Databases) -> Patient:
    patient = Patient(databases, await databases.url(sample_service()))
    await patient.has(f'REVOKE CONNECT ON DATABASE "{patient.name}" FROM PUBLIC', role="postgres")
    return patient


async def test_a_database_is_sound_until_a_right_is_too_much_or_missing(patient: Patient) -> None:
    assert await patient.found() == ""
    await patient.has(f'ALTER ROLE "{patient.role}" CREATEROLE', role="postgres")
    assert "NOCREATEROLE" in await patient.found()
    await patient.has(f'ALTER ROLE "{patient.role}" NOCREATEROLE', role="postgres")
    await patient.has(f'GRANT CONNECT ON DATABASE "{patient.name}" TO PUBLIC', role="postgres")
    assert f'REVOKE CONNECT ON DATABASE "{patient.name}" FROM PUBLIC' in await patient.found()
    await patient.has(f'REVOKE CONNECT ON DATABASE "{patient.name}" FROM PUBLIC', role="postgres")
    assert await patient.found() == ""
    await patient.has(f'ALTER DATABASE "{patient.name}" OWNER TO postgres', role="postgres")
    await patient.has(
        f'GRANT CONNECT ON DATABASE "{patient.name}" TO "{patient.role}"', role="postgres"
    )
    assert f'OWNER TO "{patient.role}"' in await patient.found()


async def test_a_schema_that_is_older_or_newer_is_told_apart(patient: Patient) -> None:
    await patient.has("UPDATE service_version SET version_num = '0099'")
    assert "warning" in (newer := await patient.found())
    assert "newer (service 0099) than this release" in newer
    await patient.has("DELETE FROM service_version")
    assert "lacks the migrations service 0001. careloop migrate sample" in await patient.found()
    await patient.has("DROP TABLE ground_version, outbox")
    assert "ground 0001" in (bare := await patient.found())
    assert len(bare.splitlines()) == 1


async def test_what_time_will_break_is_seen_before(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "utcnow", lambda: utcnow() + timedelta(weeks=4))
    later = await patient.found()
    assert "next week has no partition of outbox, inbox, audit" in later
    assert "careloop worker sample" in later
    assert "Set both by NTP: tokens and deadlines" in later
    monkeypatch.setattr(looking, "utcnow", lambda: utcnow() + timedelta(seconds=10))
    assert "warning" in (apart := await patient.found())
    assert "10." in apart
    monkeypatch.undo()
    monkeypatch.setattr(looking, "CROWDED", 0.0)
    monkeypatch.setattr(looking, "LONGEST_TRANSACTION", timedelta())
    async with patient.own().transaction() as session:
        await session.execute(text("SELECT 1"))
        crowded = await patient.found()
    assert "are taken. Raise max_connections" in crowded
    assert "end it by pg_terminate_backend" in crowded


async def test_work_that_stands_still_is_seen(patient: Patient) -> None:
    await patient.has(
        "INSERT INTO outbox (id, type, version, subject, sequence, origin, time, correlation_id,"
        " waits_from) VALUES (:id, 'sample.counted', 1, :id, 1, 'history',"
        " now() - interval '3 years', 'c', now() - interval '2 minutes')",
        id=new_id(),
    )
    assert "outbox: 1 wait, the first for 12" in (late := await patient.found())
    assert late.startswith("warning")
    await patient.has("UPDATE outbox SET waits_from = now() - interval '1 hour'")
    assert (await patient.found()).startswith("wrong")
    await patient.has("DELETE FROM outbox")
    await patient.has(
        "INSERT INTO pending_message (queue, message_id, type, sender, exchange, key, body, due_at)"
        " VALUES ('sample.events', :id, 't', 's', 'events', 'k', '', now() - interval '1 hour')",
        id=new_id(),
    )
    assert "See that the worker of sample runs" in await patient.found()
    await patient.has("UPDATE pending_message SET due_at = now() + interval '1 hour'")
    assert await patient.found() == ""
    await patient.has(
        "INSERT INTO dead_letter (id, message_id, queue, type, sender, state, reason, detail, body,"
        " first_failed_at, last_failed_at) VALUES (:id, :id, 'sample.events', 't', 's', 'waiting',"
        " 'failed', '', '', now(), now())",
        id=new_id(),
    )
    assert "1 wait for a person. careloop dead-letters list sample" in await patient.found()
    await patient.has("UPDATE dead_letter SET state = 'parked'")
    assert "upgrade this service, then replay" in await patient.found()


async def test_a_server_that_is_not_there_or_too_old_is_one_line(
    patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "OLDEST_POSTGRES", 99)
    assert "is too old. Move to PostgreSQL 99" in await patient.found()
    await patient.has(f'REVOKE CONNECT ON DATABASE "{patient.name}" FROM "{patient.role}"')
    patient.url = patient.url.replace(f"/{patient.name}?", "/no_such_database?")
    assert "create it, owned by the role of its service" in await patient.found()
    patient.url = "postgresql+asyncpg://somebody@127.0.0.1:1/nothing"
    assert "no PostgreSQL answers" in (away := await patient.found())
    assert len(away.splitlines()) == 1


@pytest.mark.rabbit
async def test_a_broker_is_sound_until_each_thing_breaks(amqp_url: str) -> None:
    service = sample_service()
    common = CommonSettings(amqp_url=amqp_url, amqp_prefix=f"t{uuid4().hex[:8]}")

    async def found(given: CommonSettings = common) -> str:
        return await bad(examine_broker(service, given))

    assert "lacks" in (bare := await found())
    assert "careloop migrate sample" in bare
    bus = RabbitBus(amqp_url, service="sample", may_send=lambda *_: True, prefix=common.amqp_prefix)
    subscriptions: list[Subscription] = []
    try:
        await bus.prepare(service.queues)
        assert "nobody listens to" in await found()
        subscriptions += [await bus.subscribe(queue, _taken) for queue in service.queues]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "nobody listens" in await found():
                await asyncio.sleep(0.1)
        assert await found() == ""
        await _break(amqp_url, common.amqp_prefix)
        broken = await found()
        assert f"{common.amqp_prefix}.delay.10s was made otherwise" in broken
        assert "1 messages nobody has bound" in broken
    finally:
        for one in subscriptions:
            await one.stop()
        await bus.close()
    nobody = common.model_copy(
        update={"amqp_url": "amqp://nobody:wrong@" + amqp_url.partition("@")[2]}
    )
    assert "RabbitMQ refuses the user" in await found(nobody)
    away = common.model_copy(update={"amqp_url": "amqp://127.0.0.1:1/"})
    assert "no RabbitMQ answers" in await found(away)


async def _taken(_deliveries: object) -> dict[UUID, float]:
    return {}


async def _break(url: str, prefix: str) -> None:
    """Make a queue with other arguments, and say something to nobody."""
    connection = await aio_pika.connect(url)
    try:
        channel = await connection.channel()
        name = f"{prefix}.delay.10s"
        await channel.queue_delete(name)
        await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum"})
        events = await channel.get_exchange(f"{prefix}.events")
        await events.publish(aio_pika.Message(b"{}"), "never.heard.v1")
    finally:
        await connection.close()


@pytest.mark.rabbit
async def test_a_user_who_may_not_say_its_events_is_found(rabbit: RabbitNode) -> None:
    """With the rights of deploy/rabbitmq nothing is missing; without the topic rights it shows."""
    prefix, user = f"t{uuid4().hex[:8]}", f"u{uuid4().hex[:8]}"
    service = replace(sample_service(), name="tickets", handlers=())
    bus = RabbitBus(rabbit.url, service="tickets", may_send=lambda *_: True, prefix=prefix)
    await bus.prepare(service.queues)
    await bus.close()
    rabbit.ctl("add_user", user, "a long password")
    rabbit.ctl("set_permissions", user, "^$", rf"^{prefix}\.", rf"^{prefix}\.")
    url = f"amqp://{user}:a%20long%20password@127.0.0.1:{rabbit.port}/"
    common = CommonSettings(amqp_url=url, amqp_prefix=prefix)
    assert "it may not say" not in await bad(examine_broker(service, common))
    rabbit.ctl("set_topic_permissions", user, f"{prefix}.events", r"^ticket\.closed\.v1$", ".*")
    lines = await bad(examine_broker(service, common))
    assert "it may not say" in lines
    assert "ticket.reopened.v1" in lines
    assert "ticket.closed.v1" not in lines


async def test_secrets_are_sound_until_each_thing_breaks(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"

    async def found(*, signs: bool = False) -> str:
        return await bad(examine_keys(folder, RINGS, signs=signs))

    assert "is not there" in await found()
    path = ensure_keys(folder, ("sample", "other"))
    assert await found() == ""
    assert "signing.json: it is not there" in await found(signs=True)
    (folder / "signing.json").write_text('{"current": "s-2", "keys": [{"kid": "s-1"}]}')
    assert "it lacks the current key of tokens" in await found(signs=True)
    path.chmod(0o604)
    assert f"others may read {path}" in await found()
    path.chmod(0o600)
    content = json.loads(path.read_text())
    content["letters"].pop("other")
    content["data"]["sample"]["keys"]["k1"] = "c2hvcnQ="
    path.write_text(json.dumps(content))
    assert "it lacks the data key of sample, the letters key of other" in await found()
    path.write_text("")
    assert "empty or damaged. Bring back" in await found()


async def test_a_full_disk_is_seen_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, level in ((machine.TOO_LITTLE - 1, "wrong"), (machine.LITTLE - 1, "warning")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert (await bad(machine.examine_machine(tmp_path))).startswith(level)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=machine.LITTLE))
    assert await bad(machine.examine_machine(tmp_path)) == ""


def ready_as(answer: httpx.Response) -> str:
    found = origin._ready("origin", answer)
    assert found is not None
    return line(found)


async def test_an_origin_that_does_not_serve_or_has_another_time_is_found() -> None:
    ready = httpx.Response(200, json={"checks": {"tickets": {"database": "ok", "bus": "ok"}}})
    assert ready_as(ready).startswith("ok")
    hurt = httpx.Response(503, json={"checks": {"tickets": {"database": "failed", "bus": "ok"}}})
    assert "database of tickets failed" in ready_as(hurt)
    lame = httpx.Response(200, json={"checks": {"tickets": {"database": "ok", "bus": "degraded"}}})
    assert "bus of tickets degraded" in ready_as(lame)
    assert origin._ready("origin", httpx.Response(404, json={})) is None
    assert origin._alive("origin", httpx.Response(502)).level is Level.WRONG
    late = httpx.Response(200, headers={"date": format_datetime(NOON - timedelta(minutes=2))})
    assert "120.0 s apart" in line(origin._clock("origin", late, NOON))
    assert origin._certificate("origin", NOON + timedelta(days=9), NOON).level is Level.WARNING
    assert "it does not answer" in await bad(origin.examine_origin("http://127.0.0.1:1"))


def test_a_sound_system_says_so_and_code_1_says_what_is_broken(tmp_path: Path) -> None:
    with started(tmp_path) as system:
        sound = system.careloop("doctor", "--url", system.url)
        assert sound.returncode == 0, sound.stdout + sound.stderr
        assert " 0 wrong, 0 to look at." in sound.stdout
        for name in NAMES:
            assert f"ok      database of {name}: version: PostgreSQL" in sound.stdout
        system.execute("surveys", "DELETE FROM service_version")
        broken = system.careloop("doctor", "--json")
        assert broken.returncode == 1
        assert broken.stderr == ""
        wrong = [one for one in json.loads(broken.stdout) if one["level"] == "wrong"]
        assert [(one["part"], one["check"]) for one in wrong] == [("database of surveys", "schema")]
        assert wrong[0]["do"] == "careloop migrate surveys"
    stopped = system.careloop("doctor")
    assert stopped.returncode == 1
    assert stopped.stderr == ""
    assert "no PostgreSQL answers" in stopped.stdout
