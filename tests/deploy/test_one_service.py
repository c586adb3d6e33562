"""The process of one service has the code and the libraries of that service, and no others."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.integrations.sign_in.make_secrets import make_secrets, recipients_of_each
from standalone.compose import NAMES, PARTS
from tests.support.processes import environment_with, free_ports

LOADED = """
import json, sys
from careloop.part import part_named
part_named({service!r})
print(json.dumps(sorted(sys.modules)))
"""

ENDED_BY_ITSELF = 130
"""As after Ctrl-C; -15 is the kernel's doing, which spares the first process of a container."""

OF_REPORTING = {"scipy", "numpy", "plotly"}


@pytest.mark.parametrize("service", NAMES)
def test_a_process_loads_its_own_service_only(service: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(service=service)],
        capture_output=True,
        check=True,
        text=True,
    )
    modules = set(json.loads(ran.stdout))
    foreign = {f"services.{name}" for name in NAMES if name != service} | {"standalone"}
    assert f"services.{service}.service" in modules
    assert modules & foreign == set()
    if service != "reporting":
        assert modules & OF_REPORTING == set()


def test_a_service_that_is_not_there_is_named_in_one_sentence() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "careloop.part", "api", "billing"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert ran.returncode == 1
    assert ran.stderr == (
        "careloop: There is no service billing here: "
        "choose one of tickets, surveys, feedback, reporting, integrations.\n"
    )


def test_a_migration_that_waits_for_its_database_ends_when_it_is_told_to(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    (nobody,) = free_ports(1)
    settings = {
        "CARELOOP_SECRETS": str(tmp_path / "tickets"),
        "CARELOOP_DATABASE_URL": f"postgresql+asyncpg://careloop_tickets@127.0.0.1:{nobody}",
        "CARELOOP_AMQP_URL": f"amqp://careloop-tickets@127.0.0.1:{nobody}",
    }
    waiting = subprocess.Popen(
        [sys.executable, "-m", "careloop.part", "migrate", "tickets"],
        env=environment_with(settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    with waiting:
        assert waiting.stdout is not None
        assert "waiting_for" in waiting.stdout.readline()
        waiting.terminate()
    assert waiting.returncode == ENDED_BY_ITSELF


def test_who_writes_letters_to_whom_follows_from_the_messages() -> None:
    assert {name: set(to) for name, to in recipients_of_each().items()} == {
        name: set(part.WRITES_TO) for name, part in PARTS.items()
    }
