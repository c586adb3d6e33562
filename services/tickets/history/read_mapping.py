"""Read a mapping from its JSON."""

from typing import Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from services.tickets.history.mapping_rules import HistoryMapping, check_mapping
from shared.errors import InvalidError

SHAPE: Final = TypeAdapter(HistoryMapping)

LONGEST: Final = 200_000
"""A mapping with a word for each of a thousand categories has 60 kB."""


def read_mapping(text: str) -> HistoryMapping:
    """Return a mapping. Raises InvalidError that says where it is wrong."""
    if len(text) > LONGEST:
        raise InvalidError("mapping_invalid", f"A mapping has at most {LONGEST} characters.")
    try:
        mapping = SHAPE.validate_json(text)
    except ValidationError as error:
        places = (
            f"{'.'.join(map(str, one['loc'])) or 'mapping'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False)
        )
        raise InvalidError("mapping_invalid", "; ".join(places)[:2000]) from error
    check_mapping(mapping)
    return mapping


def stored_mapping(mapping: HistoryMapping) -> dict[str, JsonValue]:
    """Return a mapping as it is stored and shown."""
    stored: dict[str, JsonValue] = SHAPE.dump_python(mapping, mode="json")
    return stored


def mapping_of(stored: dict[str, JsonValue]) -> HistoryMapping:
    """Return a mapping that was stored."""
    return SHAPE.validate_python(stored, strict=False)
