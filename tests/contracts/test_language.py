"""The language of the services: what may stand in a message, and who may say it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from pydantic import AwareDatetime

from shared.contracts.registry import EVENTS, LETTERS, MESSAGES, may_send
from shared.messages.contract import Code, Contract, Event, Letter, Title

ROOT = Path(__file__).parents[2]
SERVICES = {"tickets", "surveys", "feedback", "reporting", "integrations"}
CODE = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9_.-]{0,63}$"}
TITLE = {"type": "string", "minLength": 1, "maxLength": 80}
FORMATS = {"uuid", "date-time", "date"}


def texts(schema: Any, at: str = "") -> Iterator[str]:
    """Give the places in a schema where a sender could put free text."""
    if "anyOf" in schema:
        for choice in schema["anyOf"]:
            yield from texts(choice, at)
        return
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        for name, below in schema["properties"].items():
            yield from texts(below, f"{at}.{name}".lstrip("."))
    elif kind == "array":
        yield from texts(schema["items"], f"{at}[]")
    elif kind == "string":
        bare = {key: value for key, value in schema.items() if key != "title"}
        if schema.get("format") not in FORMATS and bare not in (CODE, TITLE):
            yield at
    elif kind not in {"integer", "number", "boolean", "null"}:
        yield at


@pytest.mark.parametrize("key", EVENTS)
def test_an_event_has_no_place_for_free_text(key: str) -> None:
    assert list(texts(EVENTS[key].model_json_schema())) == []


def test_every_way_to_put_text_into_an_event_is_seen() -> None:
    class Chatty(Event):
        TYPE: ClassVar[str] = "sample.chatty"
        SENDERS: ClassVar[tuple[str, ...]] = ("tickets",)

        ticket_id: UUID
        happened_at: AwareDatetime | None
        kind: Code
        kinds: tuple[Code, ...]
        name: Title
        remark: str
        remarks: tuple[str, ...]
        perhaps: str | None
        named: dict[str, str]
        anything: Any

    assert set(texts(Chatty.model_json_schema())) == {
        "remark",
        "remarks[]",
        "perhaps",
        "named",
        "anything",
    }


@pytest.mark.parametrize("key", MESSAGES)
def test_a_message_says_who_says_it(key: str) -> None:
    contract = MESSAGES[key]
    assert contract.SENDERS
    assert set(contract.SENDERS) <= SERVICES
    assert contract.__doc__
    assert key == f"{contract.TYPE}.v{contract.VERSION}"


@pytest.mark.parametrize("key", LETTERS)
def test_a_letter_has_one_recipient_who_is_not_its_sender(key: str) -> None:
    contract = LETTERS[key]
    assert issubclass(contract, Letter)
    assert contract.RECIPIENT in SERVICES - set(contract.SENDERS)


def test_every_message_of_every_contract_module_is_in_the_registry() -> None:
    written = 0
    for path in (ROOT / "shared/contracts").glob("*.py"):
        written += path.read_text(encoding="utf-8").count("\n    TYPE: ClassVar[str] = ")
    assert len(MESSAGES) == written
    assert not set(EVENTS) & set(LETTERS)


def test_only_its_sender_may_say_a_message_now_or_in_a_later_version() -> None:
    assert may_send("tickets", "ticket.closed.v1")
    assert may_send("tickets", "ticket.closed.v2")
    assert not may_send("surveys", "ticket.closed.v1")
    assert not may_send("tickets", "ticket.closed")
    assert not may_send("tickets", "ticket.invented.v1")
    assert not may_send("", "")


def test_a_message_does_not_change_once_it_is_said() -> None:
    contract: type[Contract] = EVENTS["ticket.closed.v1"]
    assert contract.model_config["frozen"]
