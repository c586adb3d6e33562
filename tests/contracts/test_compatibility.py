"""What counts as breaking who knows a message already, tried on planted breaks."""

from typing import Any

import pytest
from pydantic import BaseModel

from careloop.compatibility import breaks
from shared.messages.contract import Code


class Released(BaseModel):
    """A message."""

    ticket_id: int
    kind: Code
    reason: str | None
    stages: tuple[str, ...] = ()


class Reworded(BaseModel):
    """The same message, said better."""

    ticket_id: int
    kind: Code
    reason: str | None
    stages: tuple[str, ...] = ()


class Longer(Released):
    """It says more, to whom that is new."""

    tier: Code | None = None


class Shorter(BaseModel):
    ticket_id: int
    kind: Code
    stages: tuple[str, ...] = ()


class Renamed(BaseModel):
    ticket_id: int
    sort: Code
    reason: str | None
    stages: tuple[str, ...] = ()


class Narrower(BaseModel):
    ticket_id: int
    kind: Code
    reason: str
    stages: tuple[str, ...] = ()


class Wider(BaseModel):
    ticket_id: int | None
    kind: Code
    reason: str | None
    stages: tuple[str, ...] = ()


class Retyped(BaseModel):
    ticket_id: int
    kind: Code
    reason: str | None
    stages: tuple[int, ...] = ()


class Demanding(Released):
    tier: Code


class Stricter(BaseModel):
    ticket_id: int
    kind: Code
    reason: str | None
    stages: tuple[str, ...]


class Laxer(BaseModel):
    ticket_id: int
    kind: Code = "complaint"
    reason: str | None
    stages: tuple[str, ...] = ()


class Closed(Released, extra="forbid"):
    pass


def between(present: type[BaseModel]) -> list[str]:
    return breaks(Released.model_json_schema(), present.model_json_schema())


@pytest.mark.parametrize("present", [Released, Reworded, Longer])
def test_words_and_what_may_be_absent_break_nobody(present: type[BaseModel]) -> None:
    assert between(present) == []


@pytest.mark.parametrize(
    ("present", "named"),
    [
        (Shorter, "reason is gone"),
        (Renamed, "kind is gone"),
        (Renamed, "sort is new and required"),
        (Narrower, "reason was"),
        (Wider, "ticket_id was"),
        (Retyped, "stages was"),
        (Demanding, "tier is new and required"),
        (Stricter, "stages may not be absent any more"),
        (Laxer, "kind may be absent now"),
        (Closed, "additionalProperties"),
    ],
)
def test_a_planted_break_is_named(present: type[BaseModel], named: str) -> None:
    assert any(named in found for found in between(present)), between(present)


def test_a_break_in_a_part_of_a_message_is_found() -> None:
    class Step(BaseModel):
        number: int

    class Steps(BaseModel):
        steps: list[Step]

    released = Steps.model_json_schema()
    present: dict[str, Any] = Steps.model_json_schema()
    present["$defs"]["Step"]["properties"] = {}
    assert "Step.number is gone" in breaks(released, present)
    del present["$defs"]
    assert "Step is gone" in breaks(released, present)
