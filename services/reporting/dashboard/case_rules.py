"""Open loop cases and their clocks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

SOON: Final = 2 * 3_600
"""With less than two hours left somebody must begin now."""


class ClockState(StrEnum):
    """What a clock says: it runs, or it was stopped."""

    LEFT = "left"
    SOON = "soon"
    OVER = "over"
    IN_TIME = "in_time"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Clock:
    """A limit, and when the work was done that it is about."""

    due_at: datetime
    stopped_at: datetime | None = None

    def seconds_left(self, now: datetime) -> float:
        """Return how much was left when the clock stopped, or is left now; negative when over."""
        return (self.due_at - (self.stopped_at or now)).total_seconds()

    def state(self, now: datetime) -> ClockState:
        """Return how urgent the work is, or whether it was done in time."""
        left = self.seconds_left(now)
        if self.stopped_at is not None:
            return ClockState.IN_TIME if left >= 0 else ClockState.LATE
        if left < 0:
            return ClockState.OVER
        return ClockState.SOON if left < SOON else ClockState.LEFT


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A loop case without a verdict; `unit` is a name, `kind` what its root ticket is."""

    id: UUID
    ticket_id: UUID
    unit: str | None
    kind: str
    level: int
    contact: Clock
    result: Clock


@dataclass(frozen=True, slots=True)
class OpenCases:
    """How many cases are open, how many of them are overdue, and the most urgent ones."""

    total: int
    overdue: int
    rows: tuple[OpenCase, ...]
