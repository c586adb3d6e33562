"""Where the processes of one service run, the doctor looks at that one alone."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from careloop.cli import app
from services.integrations.sign_in.make_secrets import make_secrets
from standalone.compose import NAMES

NOWHERE = "postgresql://careloop_tickets@127.0.0.1:1/careloop_tickets"


def looked_at(*arguments: str) -> set[str]:
    """Return the parts that the doctor looked at, and what of the secrets is as it must be."""
    ran = CliRunner().invoke(app, ["doctor", "--json", *arguments])
    findings = json.loads(ran.stdout)
    sound = {f"{one['check']} is sound" for one in findings if one["level"] == "ok"}
    return {one["part"] for one in findings} | (sound & {"keys.json is sound"})


def test_whose_database_is_named_is_looked_at_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_secrets(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARELOOP_SECRETS", str(tmp_path / "tickets"))
    monkeypatch.setenv("CARELOOP_TICKETS_DATABASE_URL", NOWHERE)
    here = {"settings", "secrets", "database of tickets", "broker", "keys.json is sound"}
    assert looked_at() == here
    monkeypatch.delenv("CARELOOP_TICKETS_DATABASE_URL")
    monkeypatch.setenv("CARELOOP_DATABASE_URL", NOWHERE.rpartition("/")[0])
    assert looked_at("--service", "tickets") == here
    assert looked_at() == {"settings", "secrets", "broker"} | {
        f"database of {name}" for name in NAMES
    }
