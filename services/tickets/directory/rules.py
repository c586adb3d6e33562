"""What an organisation may look like."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from shared.errors import InvalidError


class UnitKind(StrEnum):
    """The levels of the tree, from the root downwards."""

    COMPANY = "company"
    BRANCH = "branch"
    DEPARTMENT = "department"
    TEAM = "team"


def check_level(kind: UnitKind, parent: UnitKind | None) -> None:
    """Raise InvalidError unless a unit of this kind may stand below such a parent."""
    levels = list(UnitKind)
    if parent is None and kind is not UnitKind.COMPANY:
        raise InvalidError("unit_without_parent", "Only a company stands at the top of the tree.")
    if parent is not None and levels.index(kind) <= levels.index(parent):
        raise InvalidError("unit_level", f"A {kind} cannot be part of a {parent}.")


def path_below(parent_path: Sequence[UUID], unit_id: UUID) -> tuple[UUID, ...]:
    """Return the path from the root to a unit, both included."""
    return (*parent_path, unit_id)
