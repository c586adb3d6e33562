"""What an examination has found: one line each, with what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; only `wrong` makes the command fail."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `part` says of what, `says` how it is, `do` what to do."""

    level: Level
    part: str
    check: str
    says: str
    do: str = ""


def ok(part: str, check: str, says: str) -> Finding:
    """Return that something is as it must be."""
    return Finding(Level.OK, part, check, says)


def warning(part: str, check: str, says: str, *, do: str) -> Finding:
    """Return what works and should be looked at."""
    return Finding(Level.WARNING, part, check, says, do)


def wrong(part: str, check: str, says: str, *, do: str) -> Finding:
    """Return what does not work."""
    return Finding(Level.WRONG, part, check, says, do)


def is_sound(findings: Iterable[Finding]) -> bool:
    """Return whether nothing is wrong."""
    return all(finding.level is not Level.WRONG for finding in findings)


def line(finding: Finding) -> str:
    """Return a finding as one line."""
    said = f"{finding.level:<8}{finding.part}, {finding.check}: {finding.says}"
    return f"{said}. {finding.do}." if finding.do else f"{said}."
