"""The words of what partners send."""

from enum import StrEnum


class IntakeResult(StrEnum):
    """What became of a partner's record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"
    DELETED = "deleted"
    KNOWN = "known"
