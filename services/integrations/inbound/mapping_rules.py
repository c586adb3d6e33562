"""A mapping makes a record of a partner's body: which of ours it is, and our field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NotRequired, TypedDict

from services.integrations.inbound.pointer_rules import MISSING, value_at
from services.integrations.inbound.vocabulary import Misfit, RecordKind, TimestampUnit

INSTANT: Final = "occurred_at"
FLAG: Final = "deleted"
REQUIRED: Final[Mapping[RecordKind, tuple[str, ...]]] = {
    RecordKind.CUSTOMER: ("external_id",),
    RecordKind.COMPLAINT: ("external_id", "subject", "description"),
}
"""Without these there is no record."""


class FieldDocument(TypedDict):
    """Where a field's value comes from: a pointer into the body, or a constant."""

    path: NotRequired[str]
    constant: NotRequired[str | bool]
    values: NotRequired[dict[str, str | bool]]
    default: NotRequired[str | bool]
    unit: NotRequired[str]


class RuleDocument(TypedDict):
    """One record that a body may be: when its kind is one of `values`, always without any."""

    values: list[str]
    fields: dict[str, FieldDocument]


class MappingDocument(TypedDict):
    """How a source's bodies become records; `kind` points to what says which."""

    kind: NotRequired[str]
    customers: list[RuleDocument]
    complaints: list[RuleDocument]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record in our words; `pointers` say where in the body each field stood."""

    record: RecordKind
    fields: Mapping[str, Any]
    pointers: Mapping[str, str]


class MisfitError(Exception):
    """Why there is no record: where in the body, for which field of ours."""

    def __init__(
        self, reason: Misfit, pointer: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.pointer = pointer
        self.field = field


def map_body(mapping: MappingDocument, body: Any) -> Mapped | None:
    """Return the record of a body, None for one that the mapping does not want.

    Raises MisfitError.
    """
    chosen = _chosen(mapping, body)
    if chosen is None:
        return None
    record, rule = chosen
    fields, pointers = {}, {}
    for name, source in rule["fields"].items():
        pointers[name] = source.get("path", "")
        value = _value(name, source, body)
        if value is not None:
            fields[name] = value
        elif name in REQUIRED[record]:
            raise MisfitError(Misfit.VALUE_MISSING, pointers[name], name)
    return Mapped(record, fields, pointers)


def _chosen(mapping: MappingDocument, body: Any) -> tuple[RecordKind, RuleDocument] | None:
    pointer = mapping.get("kind")
    kind = None if pointer is None else _written(value_at(body, pointer))
    if pointer is not None and kind is None:
        raise MisfitError(Misfit.VALUE_MISSING, pointer)
    rules: tuple[tuple[RecordKind, Sequence[RuleDocument]], ...] = (
        (RecordKind.CUSTOMER, mapping["customers"]),
        (RecordKind.COMPLAINT, mapping["complaints"]),
    )
    return next(
        (
            (record, rule)
            for record, of_record in rules
            for rule in of_record
            if kind is None or kind in rule["values"]
        ),
        None,
    )


def _value(name: str, source: FieldDocument, body: Any) -> Any:
    """Return a field's value, None when the partner says nothing."""
    if "path" not in source:
        return source.get("constant")
    found, pointer = value_at(body, source["path"]), source["path"]
    if found is MISSING or found is None or (isinstance(found, str) and not found.strip()):
        return source.get("default")
    if "values" in source:
        return _translated(name, source, found)
    if name == FLAG:
        if isinstance(found, bool):
            return found
    elif name == INSTANT:
        return _instant(found, source)
    elif isinstance(found, (str, int)) and not isinstance(found, bool):
        return str(found)
    raise MisfitError(Misfit.VALUE_TYPE, pointer, name)


def _translated(name: str, source: FieldDocument, found: Any) -> str | bool:
    """Return our word for a partner's."""
    known = source["values"]
    word = _written(found)
    if word in known:
        return known[word]
    if "default" in source:
        return source["default"]
    raise MisfitError(Misfit.VALUE_UNKNOWN, source["path"], name)


def _written(value: Any) -> str | None:
    """Return a simple value as it is written in a mapping, None for what is not simple."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int)) else None


def _instant(found: Any, source: FieldDocument) -> datetime:
    unit = source.get("unit", TimestampUnit.ISO8601)
    try:
        if unit == TimestampUnit.ISO8601:
            if not isinstance(found, str):
                raise MisfitError(Misfit.VALUE_TYPE, source["path"], INSTANT)
            instant = datetime.fromisoformat(found)
        else:
            scale = 1000 if unit == TimestampUnit.MILLISECONDS else 1
            instant = datetime.fromtimestamp(int(found) / scale, UTC)
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise MisfitError(Misfit.VALUE_INVALID, source["path"], INSTANT) from error
    if instant.tzinfo is None:
        raise MisfitError(Misfit.VALUE_INVALID, source["path"], INSTANT)
    return instant
