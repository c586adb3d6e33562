"""The generated files that are committed say what the code says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from careloop import generate as generating
from careloop.asyncapi import asyncapi
from careloop.generate import (
    SCHEMAS,
    IncompatibleError,
    broken_promises,
    generate,
    generated,
    message_schemas,
)
from shared.bus.interface import Queue, QueueKind
from shared.contracts.registry import EVENTS, LETTERS, MESSAGES

ROOT = Path(__file__).parents[2]

QUEUES = (
    Queue("surveys", QueueKind.EVENTS, ("ticket.closed.v1", "ticket.reopened.v1")),
    Queue("surveys", QueueKind.LETTERS),
    Queue("surveys", QueueKind.DEAD),
    Queue("reporting", QueueKind.EVENTS, ("#",)),
)


def test_the_present_messages_keep_the_promises_of_the_committed_schemas() -> None:
    assert broken_promises(ROOT, message_schemas()) == []


def test_generating_twice_writes_the_same(tmp_path: Path) -> None:
    assert {path.relative_to(tmp_path) for path in generate(tmp_path, QUEUES)} == set(
        generated(QUEUES)
    )
    assert generate(tmp_path, QUEUES) == []


def test_a_change_that_breaks_others_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate(tmp_path, QUEUES)
    path = tmp_path / SCHEMAS / "ticket.closed.v1.json"
    released = json.loads(path.read_text(encoding="utf-8"))
    released["properties"]["closing_code"] = {"type": "string"}
    path.write_text(json.dumps(released), encoding="utf-8")
    (tmp_path / SCHEMAS / "ticket.forgotten.v1.json").write_text("{}", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(IncompatibleError) as refused:
        generate(tmp_path, QUEUES)
    assert "ticket.closed.v1: closing_code is gone" in str(refused.value)
    assert "ticket.forgotten.v1 is gone" in str(refused.value)
    assert path.read_bytes() == before


def test_one_more_kind_of_file_is_one_more_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = (*generating.GENERATORS, lambda _queues: {Path("docs/more.txt"): "more\n"})
    monkeypatch.setattr(generating, "GENERATORS", more)
    generate(tmp_path, QUEUES)
    assert (tmp_path / "docs/more.txt").read_text() == "more\n"


def test_asyncapi_says_who_says_and_who_hears() -> None:
    operations = asyncapi(MESSAGES, QUEUES)["operations"]
    about_closing = {name for name in operations if name.endswith(".ticket.closed.v1")}
    assert about_closing == {
        "tickets.sends.ticket.closed.v1",
        "surveys.receives.ticket.closed.v1",
        "reporting.receives.ticket.closed.v1",
    }
    about_notices = {name for name in operations if name.endswith(".notification.request.v1")}
    assert about_notices == {
        "tickets.sends.notification.request.v1",
        "surveys.sends.notification.request.v1",
        "feedback.sends.notification.request.v1",
        "integrations.receives.notification.request.v1",
    }
    assert {name.partition(".sends.")[2] for name in operations if ".sends." in name} == set(
        MESSAGES
    )


def references(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        if "$ref" in content:
            yield content["$ref"]
        for below in content.values():
            yield from references(below)
    elif isinstance(content, list):
        for below in content:
            yield from references(below)


def test_everything_that_asyncapi_refers_to_is_in_it() -> None:
    document = asyncapi(MESSAGES, QUEUES)
    found = set(references(document))
    assert len(found) > len(MESSAGES)
    for reference in found:
        content = document
        for step in reference.removeprefix("#/").split("/"):
            content = content[step]


def test_asyncapi_shows_a_letter_as_it_travels() -> None:
    document = asyncapi(MESSAGES, QUEUES)
    assert all(f"letters.{LETTERS[key].RECIPIENT}" in document["channels"] for key in LETTERS)  # type: ignore[attr-defined]
    assert set(EVENTS) < set(document["channels"])
    payload = document["components"]["messages"]["customer.contact_changed.v1"]["payload"]
    assert payload["allOf"][1]["properties"]["data"] == {"$ref": "#/components/schemas/Sealed"}
