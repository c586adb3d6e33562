"""A message as it was once written down can be read for ever; nobody edits a sample."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.registry import MESSAGES
from shared.messages.contract import Envelope

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))


def test_every_message_has_a_sample() -> None:
    assert {path.stem for path in SAMPLES} == set(MESSAGES)


def without_none(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: without_none(value) for key, value in content.items() if value is not None}
    return content


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_message_of_old_is_read_whole(path: Path) -> None:
    written = json.loads(path.read_text(encoding="utf-8"))
    envelope = Envelope.model_validate_json(path.read_bytes())
    contract = MESSAGES[path.stem]
    assert without_none(envelope.model_dump(mode="json")) == without_none(written)
    assert envelope.dataschema == path.stem
    assert envelope.type == contract.TYPE
    assert envelope.source.removeprefix("careloop/") in contract.SENDERS
    data = contract.model_validate_json(json.dumps(envelope.data))
    read = data.model_dump(mode="json")
    assert {name: read[name] for name in written["data"]} == written["data"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_message_with_something_new_in_it_is_still_read(path: Path) -> None:
    written = json.loads(path.read_text(encoding="utf-8"))
    newer = written["data"] | {"added_in_a_later_release": {"of": ["any", "shape"]}}
    contract = MESSAGES[path.stem]
    assert contract.model_validate(newer) == contract.model_validate(written["data"])
