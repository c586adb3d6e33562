"""Whatever is wrong with an installation: one sentence that says what to do, code 1, no traceback.

Each line starts the real command. What heals by itself (a database or a broker that is late) is
waited for, and said once: `tests/deploy` has those.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from shared import migrations
from shared.bus.interface import BusUnavailableError
from shared.bus.rabbit.bus import RabbitBus
from shared.crypto.key_files import ensure_keys
from shared.crypto.vault import KEYS_FILE
from shared.errors import InstallationError
from shared.migrations import migrate
from shared.remedies import in_one_sentence, remedy
from standalone.compose import NAMES
from standalone.postgres import Postgres
from tests.support.databases import Databases
from tests.support.processes import Process, environment_with
from tests.support.rabbitmq import RabbitNode
from tests.support.sample_service import sample_service

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
"""A process alone needs two; on a machine at its limit ten times that."""

NOWHERE = "postgresql://careloop@127.0.0.1:1"
BROKER = "amqp://127.0.0.1:1/"


@dataclass(frozen=True)
class Start:
    """A command with what is wrong around it, and the words that its sentence must have."""

    arguments: str
    says: str
    settings: Mapping[str, str] = field(default_factory=dict)
    keys: str | None = ""


def urls(database: str = NOWHERE, broker: str = BROKER) -> dict[str, str]:
    return {"CARELOOP_DATABASE_URL": database, "CARELOOP_AMQP_URL": broker}


STARTS = {
    "a setting that nobody knows": Start(
        "run", "unknown settings: CARELOOP_DATABSE_URL", {"CARELOOP_DATABSE_URL": "x"}
    ),
    "a setting of the wrong kind": Start(
        "migrate tickets",
        "CARELOOP_DATABASE_POOL: Input should be",
        {"CARELOOP_DATABASE_POOL": "many"},
    ),
    "two at once": Start(
        "migrate tickets",
        "CARELOOP_ZONE: it must be a time zone such as Asia/Shanghai",
        {"CARELOOP_ZONE": "Mars/Olympus", "CARELOOP_LOG_LEVEL": "LOUD"},
    ),
    "a setting of one service": Start(
        "migrate tickets",
        "CARELOOP_TICKETS_RESOLUTION_SECONDS",
        {"CARELOOP_TICKETS_RESOLUTION_SECONDS": "soon"},
    ),
    "a list that is no JSON": Start(
        "migrate integrations",
        "webhook_retry_seconds",
        {"CARELOOP_INTEGRATIONS_WEBHOOK_RETRY_SECONDS": "often"},
    ),
    "another kind of database": Start(
        "migrate tickets", "it must begin with postgresql", urls("mysql://root:a-long-s3cret@db")
    ),
    "a TLS option of libpq": Start(
        "migrate tickets",
        "name the authority's file in PGSSLROOTCERT",
        urls("postgresql://a:a-long-s3cret@db/x?sslmode=verify-full&sslrootcert=/ca.pem"),
    ),
    "a password with a slash": Start(
        "migrate tickets", "written %2F", urls("postgresql://a:s3cret/more@db:5432")
    ),
    "another kind of broker": Start(
        "api tickets", "it must begin with amqp", urls(broker="kafka://a:a-long-s3cret@b")
    ),
    "no database": Start("migrate tickets", "CARELOOP_DATABASE_URL is not set"),
    "no broker": Start(
        "worker tickets", "CARELOOP_AMQP_URL is not set", {"CARELOOP_DATABASE_URL": NOWHERE}
    ),
    "a port that is none": Start("run", "PORT is 80a, and must be a number", {"PORT": "80a"}),
    "no such service": Start("api billing", "There is no service billing"),
    "no keys": Start("api tickets", "keys.json is not there", urls(), keys=None),
    "keys of zero bytes": Start("api tickets", "keys.json is damaged", urls(), keys=""),
    "keys of another service only": Start(
        "api tickets", "lacks keys that tickets needs", urls(), keys=json.dumps({"data": {}})
    ),
    "an empty password file": Start(
        "api tickets", "careloop_database_password is empty", urls(), keys="password"
    ),
    "a development sign-in for the world": Start(
        "api tickets --host 0.0.0.0",
        "unset CARELOOP_DEVELOPMENT",
        {**urls(), "CARELOOP_DEVELOPMENT": "1"},
    ),
}


def secrets_of(folder: Path, start: Start) -> str:
    """Return a secrets folder as wrong as the case wants it; whole where it says nothing."""
    folder.mkdir()
    if start.keys in {"", "password"} and "damaged" not in start.says:
        ensure_keys(folder, NAMES)
    elif start.keys is not None:
        (folder / KEYS_FILE).write_text(start.keys)
    if start.keys == "password":
        (folder / "careloop_database_password").write_text("")
    return str(folder)


async def test_what_is_wrong_at_a_start_is_one_sentence(tmp_path: Path) -> None:
    starts = [
        (one.arguments, {"CARELOOP_SECRETS": secrets_of(tmp_path / name, one), **one.settings})
        for name, one in STARTS.items()
    ]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.standalone.many_starts",
        cwd=tmp_path,
        env=environment_with({"PYTHONPATH": str(ROOT)}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    out, _ = await process.communicate(json.dumps(starts).encode())
    heard = dict(zip(STARTS, json.loads(out), strict=True))
    assert {name: said for name, (code, said) in heard.items() if code != 1} == {}
    for name, (_, said) in heard.items():
        assert re.fullmatch(r"careloop: [^\n]+\n", said), (name, said)
        assert STARTS[name].says in said, (name, said)
        assert "s3cret" not in said, name


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Postgres]:
    """A server that asks every role but its own for a password."""
    rules = tmp_path / "hba"
    rules.write_text("local all postgres trust\nlocal all all scram-sha-256\n")
    server = Postgres(tmp_path / "data", durable=False, settings={"hba_file": str(rules)})
    server.start()
    yield server
    server.stop()


async def test_a_start_that_waits_says_once_for_what(guarded: Postgres, tmp_path: Path) -> None:
    """It may be mended meanwhile; so it lives, is not ready, loses nothing, and ends when asked."""
    address = guarded.url("DATABASE", role="careloop").replace("DATABASE", "{database}")
    ensure_keys(tmp_path / "secrets", NAMES)
    given = {
        **urls(address.replace("careloop@", "careloop:a-long-s3cret@")),
        "CARELOOP_SECRETS": str(tmp_path / "secrets"),
    }
    process = Process("worker", ("worker", "tickets"), tmp_path, given)
    process.start()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "waiting_for_database" not in process.log:
                assert process.code is None, process.log
                await asyncio.sleep(0.05)
    finally:
        code = await process.end()
    said = [line for line in process.log.splitlines() if "waiting_for_database" in line]
    assert code == 0
    assert len(said) == 1
    assert "PostgreSQL refuses the password: put the present one into" in said[0]
    assert "s3cret" not in process.log
    assert "Traceback" not in process.log


@pytest.mark.rabbit
async def test_a_broker_without_the_topology_is_said_with_what_to_do(rabbit: RabbitNode) -> None:
    """Its user may declare nothing, as in production: so the operator's definitions are missed."""
    user, service = f"u{uuid4().hex[:8]}", sample_service()
    rabbit.ctl("add_user", user, "s3cret")
    rabbit.ctl("set_permissions", user, "^$", ".*", ".*")
    for password, what in (("s3cret", "definitions.json"), ("wr0ng", "refuses the user")):
        url = f"amqp://{user}:{password}@127.0.0.1:{rabbit.port}/"
        bus = RabbitBus(url, service="sample", may_send=lambda *_: True, prefix=user)
        with pytest.raises(BusUnavailableError) as refused:
            await bus.prepare(service.queues)
        await bus.close()
        said = remedy(refused.value)
        assert said is not None
        assert what in said
        assert password not in said


async def test_an_old_postgresql_is_refused_before_anything_is_made(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "OLDEST_POSTGRES", 99)
    with pytest.raises(ValueError, match=r"PostgreSQL \d+ is too old: move to 99 or newer"):
        await migrate(sample_service(), await databases.empty())


def test_a_full_disk_and_a_file_of_somebody_else_have_a_remedy_and_a_fault_of_ours_has_none() -> (
    None
):
    full = remedy(OSError(28, "No space left on device", "/data/x"))
    assert full is not None
    assert full.startswith("the disk is full")
    foreign = remedy(PermissionError(13, "Permission denied", "/data/x"))
    assert foreign == "/data/x may not be read or written: give it to the user who runs CareLoop"
    assert remedy(KeyError("ours")) is None
    assert remedy(AssertionError()) is None
    with pytest.raises(ValueError, match="ours"), in_one_sentence():
        raise ValueError("ours")
    with pytest.raises(SystemExit), in_one_sentence():
        raise InstallationError("theirs")
