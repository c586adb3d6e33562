"""Whether another clock says what this machine's does."""

from datetime import timedelta
from typing import Final

from careloop.doctor.findings import Finding, ok, warning, wrong
from shared.auth.tokens import LEEWAY_SECONDS

APART: Final = timedelta(seconds=5)
"""Machines that follow a time server differ by milliseconds; a header has whole seconds."""

TOO_FAR: Final = timedelta(seconds=LEEWAY_SECONDS)
"""Beyond it tokens are refused."""


def clocks(part: str, other: str, apart: timedelta) -> Finding:
    """Return what it means that another clock, ahead or behind, is so far from this machine's."""
    says = f"this machine and {other} are {abs(apart).total_seconds():.1f} s apart"
    if abs(apart) > TOO_FAR:
        return wrong(part, "clock", says, do="Set both by NTP: tokens and deadlines go wrong")
    if abs(apart) > APART:
        return warning(part, "clock", says, do="Set both by NTP")
    return ok(part, "clock", says)
