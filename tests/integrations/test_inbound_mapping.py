"""A mapping is data: what it makes of a body, and why it makes nothing of another."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.integrations.inbound.mapping_rules import MappingDocument, MisfitError, map_body
from services.integrations.inbound.mapping_schemas import EXAMPLE, InboundMapping
from services.integrations.inbound.pointer_rules import (
    MISSING,
    MalformedBodyError,
    parsed,
    shape_of,
    value_at,
)
from services.integrations.inbound.records import record_of
from services.integrations.inbound.vocabulary import Misfit

NOW: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=20,
)


def document(**differently: Any) -> MappingDocument:
    return InboundMapping.model_validate(EXAMPLE | differently).document


def customers(**fields: Any) -> MappingDocument:
    """Return a mapping of customers by some fields, for every body."""
    rule = {"fields": {"external_id": {"path": "/id"}} | fields}
    return InboundMapping.model_validate({"customers": [rule]}).document


def became(mapping: MappingDocument, body: Any) -> dict[str, Any]:
    mapped = map_body(mapping, body)
    assert mapped is not None
    return record_of(mapped, received_at=NOW).model_dump(mode="json", exclude_none=True)


def misfit(mapping: MappingDocument, body: Any) -> tuple[Misfit, str | None, str | None]:
    with pytest.raises(MisfitError) as found:
        became(mapping, body)
    return found.value.reason, found.value.pointer, found.value.field


def test_a_body_becomes_what_its_kind_says() -> None:
    contact = {
        "type": "contact.updated",
        "timestamp": "2026-11-23T16:59:58+08:00",
        "data": {"id": 10023, "name": "王芳", "mobile": "", "level": "VIP", "extra": [1]},
    }
    assert became(document(), contact) == {
        "external_id": "10023",
        "occurred_at": "2026-11-23T16:59:58+08:00",
        "name": "王芳",
        "grade": "high_value",
        "deleted": False,
    }
    case = {
        "type": "case.opened",
        "data": {"case_no": "A/1", "contact_id": 10023, "title": "多收费", "text": "两次\n收费"},
    }
    assert became(document(), case) == {
        "external_id": "A/1",
        "occurred_at": "2026-11-23T09:00:00Z",
        "customer_external_id": "10023",
        "kind": "complaint",
        "channel": "phone",
        "subject": "多收费",
        "description": "两次\n收费",
    }
    assert map_body(document(), {"type": "contact.merged", "data": {}}) is None


CLOSED: Final = {"path": "/s", "values": {"x": True}, "default": False}


@pytest.mark.parametrize(
    ("field", "body", "kept"),
    [
        ({"grade": {"path": "/l", "values": {"1": "basic"}}}, {"l": 1}, {"grade": "basic"}),
        ({"grade": {"path": "/l", "values": {"true": "basic"}}}, {"l": True}, {"grade": "basic"}),
        ({"grade": {"path": "/l", "default": "basic"}}, {"l": None}, {"grade": "basic"}),
        ({"grade": {"path": "/l", "default": "basic"}}, {}, {"grade": "basic"}),
        ({"grade": {"path": "/l", "default": "basic"}}, {"l": " "}, {"grade": "basic"}),
        ({"grade": {"path": "/l"}}, {"l": None}, {}),
        ({"name": {"path": "/names/1"}}, {"names": ["a", "b"]}, {"name": "b"}),
        ({"name": {"path": "/a~1b/~0"}}, {"a/b": {"~": "c"}}, {"name": "c"}),
        ({"deleted": {"path": "/gone"}}, {"gone": True}, {"deleted": True}),
        ({"deleted": CLOSED}, {"s": "x"}, {"deleted": True}),
        ({"deleted": CLOSED}, {"s": "y"}, {}),
        ({"deleted": {"constant": True}}, {}, {"deleted": True}),
        (
            {"occurred_at": {"path": "/t", "unit": "seconds"}},
            {"t": 1763888400},
            {"occurred_at": "2025-11-23T09:00:00Z"},
        ),
        (
            {"occurred_at": {"path": "/t", "unit": "milliseconds"}},
            {"t": "1763888400000"},
            {"occurred_at": "2025-11-23T09:00:00Z"},
        ),
    ],
)
def test_a_field_is_found_translated_or_stood_in_for(
    field: dict[str, Any], body: dict[str, Any], kept: dict[str, Any]
) -> None:
    found = became(customers(**field), {"id": 1} | body)
    expected = {"external_id": "1", "occurred_at": "2026-11-23T09:00:00Z", "deleted": False}
    assert found == expected | kept


@pytest.mark.parametrize(
    ("field", "body", "reason", "pointer"),
    [
        ({}, {"id": None}, Misfit.VALUE_MISSING, "/id"),
        ({}, {"id": "  "}, Misfit.VALUE_MISSING, "/id"),
        ({}, {"id": {"a": 1}}, Misfit.VALUE_TYPE, "/id"),
        ({}, {"id": True}, Misfit.VALUE_TYPE, "/id"),
        ({}, {"id": 1.5}, Misfit.VALUE_TYPE, "/id"),
        ({}, {"id": "a\x00b"}, Misfit.VALUE_INVALID, "/id"),
        ({}, {"id": "\ud800"}, Misfit.VALUE_INVALID, "/id"),
        ({}, {"id": "1" * 201}, Misfit.VALUE_INVALID, "/id"),
        ({"name": {"path": "/n"}}, {"n": "a\nb"}, Misfit.VALUE_INVALID, "/n"),
        ({"name": {"path": "/n"}}, {"n": ["a"]}, Misfit.VALUE_TYPE, "/n"),
        ({"grade": {"path": "/g"}}, {"g": "高价值"}, Misfit.VALUE_INVALID, "/g"),
        ({"grade": {"path": "/g", "values": {"a": "b"}}}, {"g": "c"}, Misfit.VALUE_UNKNOWN, "/g"),
        ({"grade": {"path": "/g", "values": {"a": "b"}}}, {"g": []}, Misfit.VALUE_UNKNOWN, "/g"),
        ({"deleted": {"path": "/d"}}, {"d": "yes"}, Misfit.VALUE_TYPE, "/d"),
        ({"occurred_at": {"path": "/t"}}, {"t": 1763888400}, Misfit.VALUE_TYPE, "/t"),
        ({"occurred_at": {"path": "/t"}}, {"t": "yesterday"}, Misfit.VALUE_INVALID, "/t"),
        (
            {"occurred_at": {"path": "/t"}},
            {"t": "2026-11-23T09:00:00"},
            Misfit.VALUE_INVALID,
            "/t",
        ),
        (
            {"occurred_at": {"path": "/t"}},
            {"t": "9999-12-31T23:59:59Z"},
            Misfit.VALUE_INVALID,
            "/t",
        ),
        (
            {"occurred_at": {"path": "/t", "unit": "seconds"}},
            {"t": 10**400},
            Misfit.VALUE_INVALID,
            "/t",
        ),
    ],
)
def test_what_does_not_fit_says_why_and_where(
    field: dict[str, Any], body: dict[str, Any], reason: Misfit, pointer: str
) -> None:
    name = next(iter(field), "external_id")
    assert misfit(customers(**field), {"id": 1} | body) == (reason, pointer, name)


def test_a_body_without_its_kind_does_not_fit() -> None:
    bodies: list[Any] = [{}, {"type": None}, {"type": {}}, [], "text", None, 1]
    for body in bodies:
        assert misfit(document(), body) == (Misfit.VALUE_MISSING, "/type", None)


def test_an_instant_may_be_a_day_ahead_and_no_more() -> None:
    mapping = customers(occurred_at={"path": "/t"})
    near, far = ({"id": 1, "t": (NOW + timedelta(hours=hours)).isoformat()} for hours in (24, 25))
    assert became(mapping, near)
    assert misfit(mapping, far)[0] is Misfit.VALUE_INVALID


@given(JSON, st.sampled_from(["/type", "/data/id", "/0", "/a/b/c"]))
def test_no_body_breaks_a_mapping(body: Any, kind: str) -> None:
    for mapping in (document(kind=kind), customers(name={"path": kind})):
        with suppress(MisfitError):
            mapped = map_body(mapping, body)
            assert mapped is None or record_of(mapped, received_at=NOW).external_id


@given(JSON)
def test_every_place_of_a_shape_is_one_of_the_body(body: Any) -> None:
    for pointer, kind in shape_of(body):
        found = value_at(body, pointer)
        assert found is not MISSING
        assert (kind in {"object", "array"}) == isinstance(found, (dict, list))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[" * 100_000,
        b"[" * 80 + b"]" * 80,
        b'{"a":' * 70 + b"1" + b"}" * 70,
        b"1" * 5000,
        "é".encode("latin-1"),
    ],
)
def test_what_is_no_json_or_too_deep_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedBodyError):
        parsed(body)


def test_a_mark_of_byte_order_is_no_part_of_a_body() -> None:
    assert parsed(b"\xef\xbb\xbf" + json.dumps({"a": "张"}).encode()) == {"a": "张"}


CUSTOMER: Final = {"values": ["a"], "fields": {"external_id": {"path": "/id"}}}


@pytest.mark.parametrize(
    ("mapping", "place"),
    [
        ({}, ()),
        ({"kind": "type", "customers": [CUSTOMER]}, ("kind",)),
        ({"kind": "/type", "customers": [CUSTOMER | {"values": []}]}, ()),
        ({"customers": [CUSTOMER]}, ()),
        ({"kind": "/t", "customers": [CUSTOMER, CUSTOMER]}, ()),
        ({"kind": "/t", "orders": []}, ("orders",)),
        (
            {"kind": "/t", "customers": [{"values": ["a"], "fields": {}}]},
            ("customers", 0, "fields", "external_id"),
        ),
        (
            {
                "kind": "/t",
                "customers": [
                    CUSTOMER | {"fields": {"external_id": {"path": "/i"}, "score": {"path": "/s"}}}
                ],
            },
            ("customers", 0, "fields", "score"),
        ),
        (
            {
                "kind": "/t",
                "customers": [
                    CUSTOMER | {"fields": {"external_id": {"path": "/i", "constant": "x"}}}
                ],
            },
            ("customers", 0, "fields", "external_id"),
        ),
        (
            {"kind": "/t", "customers": [CUSTOMER | {"fields": {"external_id": {"path": "i"}}}]},
            ("customers", 0, "fields", "external_id", "path"),
        ),
        (
            {
                "kind": "/t",
                "customers": [
                    CUSTOMER
                    | {"fields": {"external_id": {"path": "/i"}, "deleted": {"constant": "yes"}}}
                ],
            },
            ("customers", 0, "fields", "deleted", "constant"),
        ),
        (
            {"kind": "/t", "complaints": [{"values": ["a"], "fields": CUSTOMER["fields"]}]},
            ("complaints", 0, "fields", "subject"),
        ),
    ],
)
def test_a_mapping_that_cannot_be_is_not_saved(
    mapping: dict[str, Any], place: tuple[Any, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        InboundMapping.model_validate(mapping)
    assert place in [error["loc"] for error in refused.value.errors()]
