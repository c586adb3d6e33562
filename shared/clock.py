"""The one place that reads the clock; everything below a door is given `now`."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

TOLERATED: Final = timedelta(seconds=1)
"""Machines that follow a time server differ by milliseconds; to ask another one takes as long."""

_correction = timedelta()


def utcnow() -> datetime:
    """Return the present instant, aware and in UTC."""
    return _machine_time() + _correction


def correction() -> timedelta:
    """Return what `utcnow` adds to what this machine says; zero, as a rule."""
    return _correction


def set_clock(right: datetime, *, doubt: timedelta) -> timedelta:
    """Let `utcnow` say from now on what a better clock says, if it differs beyond the doubt.

    Returns by how much it was ahead, or zero when it was right.
    """
    global _correction  # noqa: PLW0603 - a process has one clock, as its machine has
    ahead = utcnow() - right
    if abs(ahead) <= doubt + TOLERATED:
        return timedelta()
    _correction -= ahead
    return ahead


def _machine_time() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
