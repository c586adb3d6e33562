"""JSON Pointers (RFC 6901) into what a partner sent, and the shape of it without its values."""

import json
from collections.abc import Iterator
from typing import Any, Final

MISSING: Final = object()
"""There is nothing at a pointer; null is something."""

DEEPEST: Final = 60
"""No body of a partner is nested deeper; what is was made to break readers."""

_TYPES: Final = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
}


class MalformedBodyError(ValueError):
    """A body is not JSON as RFC 8259 has it."""


def parsed(body: bytes) -> Any:
    """Return what a body says. Raises MalformedBodyError."""
    try:
        content = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MalformedBodyError from error
    if _is_deep(content):
        raise MalformedBodyError
    return content


def value_at(content: Any, pointer: str) -> Any:
    """Return the value at a pointer, MISSING when there is none."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(content, dict):
            content = content.get(name, MISSING)
        elif isinstance(content, list) and name.isascii() and name.isdecimal():
            content = content[int(name)] if int(name) < len(content) else MISSING
        else:
            return MISSING
    return content


def text_at(body: bytes, pointer: str) -> str | None:
    """Return the line or whole number at a pointer of a body as a text, None without one."""
    try:
        value = value_at(parsed(body), pointer)
    except MalformedBodyError:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return str(value) if str(value).isprintable() else None


def shape_of(content: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Give the pointer and type of everything in a body, outside first, without any value."""
    if isinstance(content, dict):
        yield pointer, "object"
        for name, value in content.items():
            escaped = name.replace("~", "~0").replace("/", "~1")
            yield from shape_of(value, f"{pointer}/{escaped}")
    elif isinstance(content, list):
        yield pointer, "array"
        for place, value in enumerate(content):
            yield from shape_of(value, f"{pointer}/{place}")
    else:
        yield pointer, _TYPES[type(content)]


def _is_deep(content: Any) -> bool:
    level = [content]
    for _ in range(DEEPEST):
        level = [below for one in level for below in _below(one)]
        if not level:
            return False
    return True


def _below(content: Any) -> list[Any]:
    if isinstance(content, dict):
        return list(content.values())
    return content if isinstance(content, list) else []


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
