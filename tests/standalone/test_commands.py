"""`careloop` and the commands that it lists."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from careloop.cli import COMMANDS, app

LOADED = """
import json, sys
from careloop.cli import main
try:
    main()
finally:
    print(json.dumps(sorted({module.partition(".")[0] for module in sys.modules})))
"""

OF_SERVICES = {"services", "fastapi", "alembic", "aio_pika"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_is_listed_is_there(name: str) -> None:
    _place, said = COMMANDS[name]
    assert f"{name}  " in asked("--help")
    assert said[:40] in asked("--help")
    assert f" {name} " in asked(name, "--help")


def asked(*words: str) -> str:
    ran = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    assert ran.exit_code == 0, ran.output
    return ran.stdout


@pytest.mark.parametrize("words", ["--help", "token --help", "simulate --help"])
def test_what_needs_no_service_begins_without_any(words: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, *words.split()], capture_output=True, check=True, text=True
    )
    assert "Usage:" in ran.stdout
    assert set(json.loads(ran.stdout.splitlines()[-1])) & OF_SERVICES == set()
