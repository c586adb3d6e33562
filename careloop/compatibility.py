"""Whether a message of today can be exchanged with who knows only that of yesterday.

Services are deployed one after another, and old messages wait in queues and logs: the new code
reads old messages and the old code reads new ones. So what exists stays as it is, and what is
added may be absent. Anything else is a new version.
"""

from collections.abc import Mapping
from typing import Any

WORDS = {"title", "description", "examples"}
"""Members of a schema that people read and programs do not."""


def breaks(released: Mapping[str, Any], present: Mapping[str, Any]) -> list[str]:
    """Return what breaks between two JSON Schemas of one message; [] when they are compatible."""
    before, after = _parts(released), _parts(present)
    found = [f"{part or 'the message'} is gone" for part in before if part not in after]
    for part in before:
        if part in after:
            found += _breaks_of_object(before[part], after[part], f"{part}." if part else "")
    return found


def _parts(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the objects that a message is made of, the whole under the empty name."""
    return {"": schema, **schema.get("$defs", {})}


def _breaks_of_object(before: Mapping[str, Any], after: Mapping[str, Any], at: str) -> list[str]:
    old, new = before.get("properties", {}), after.get("properties", {})
    needed, demanded = set(before.get("required", ())), set(after.get("required", ()))
    found = [f"{at}{name} is gone" for name in old if name not in new]
    for name in sorted(old.keys() & new.keys()):
        was, is_ = _without_words(old[name]), _without_words(new[name])
        if was != is_:
            found.append(f"{at}{name} was {was} and is {is_}")
        if name in needed and name not in demanded:
            found.append(f"{at}{name} may be absent now")
        if name in demanded and name not in needed:
            found.append(f"{at}{name} may not be absent any more")
    found += [f"{at}{name} is new and required" for name in sorted(demanded - old.keys())]
    if _rest(before) != _rest(after):
        found.append(f"{at or 'the message '}was {_rest(before)} and is {_rest(after)}")
    return found


def _rest(schema: Mapping[str, Any]) -> dict[str, Any]:
    compared = {"properties", "required", "$defs", "$schema", "$id"}
    return {key: value for key, value in _without_words(schema).items() if key not in compared}


def _without_words(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {k: _without_words(v) for k, v in schema.items() if k not in WORDS}
    if isinstance(schema, list):
        return [_without_words(item) for item in schema]
    return schema
