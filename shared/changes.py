"""What was changed, as the audit trail keeps it: each field with its value before and after."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from pydantic_core import to_jsonable_python as to_json

HIDDEN: Final = "***"
"""In the place of what is somebody's own: a line outlives the person, who may ask to be erased."""

Changes = Mapping[str, tuple[Any, Any]]


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any], *, hidden: Collection[str] = ()
) -> Changes:
    """Return the fields that differ, a missing one being None; of hidden ones only that."""
    names = sorted({*before, *after})
    pairs = {name: (to_json(before.get(name)), to_json(after.get(name))) for name in names}
    return {
        name: (_hidden(was), _hidden(is_now)) if name in hidden else (was, is_now)
        for name, (was, is_now) in pairs.items()
        if was != is_now
    }


def _hidden(value: Any) -> str | None:
    return HIDDEN if value else None
