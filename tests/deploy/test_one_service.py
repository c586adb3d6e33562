"""The process of one service has the code and the libraries of that service, and no others."""

import json
import subprocess
import sys

import pytest

from services.integrations.sign_in.make_secrets import recipients_of_each
from standalone.compose import NAMES, PARTS

LOADED = """
import json, sys
from careloop.part import part_named
part_named({service!r})
print(json.dumps(sorted(sys.modules)))
"""

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


def test_who_writes_letters_to_whom_follows_from_the_messages() -> None:
    assert {name: set(to) for name, to in recipients_of_each().items()} == {
        name: set(part.WRITES_TO) for name, part in PARTS.items()
    }
