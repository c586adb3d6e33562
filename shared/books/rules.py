"""What a book is: two sides that must be equal, compared every night, differences by id."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final
from uuid import UUID

from shared.database import Database, Session

GRACE: Final = timedelta(hours=2)
"""What is younger may be under way: a message that climbs the whole ladder takes 1 h 12 min."""

NIGHT: Final = time(3)
"""From this local time on the night's run is due: the day before is over, and little happens."""

WHOLE_WEEKDAY: Final = 6
"""On Sundays everything is compared, not only what came since the last sound run: what was right
once and was spoiled later is found within a week."""

STAYS: Final = 2
"""Runs after which a difference is no accident of the moment, and somebody is told."""

MOST: Final = 1_000
"""Differences kept of one book: whoever has more has one cause to find, not a list to read."""


REFERENCE: Final = "book_run"
"""What a notice about the books is about: the run that found what stays."""

LEASE: Final = timedelta(minutes=2)
"""A transaction of a run takes a second or two, and no statement more than 30: who is silent this
long is dead, and another worker goes on."""


class TakenOverError(Exception):
    """Another worker makes this run: this one was silent for too long."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not stand on both sides: `key` names it, `problem` says what is wrong.

    `detail` holds numbers and codes only.
    """

    key: str
    problem: str
    detail: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that a worker makes, and which of its attempts this is."""

    run_id: UUID
    attempt: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run compares: everything, or what came after `mark`, up to `until`.

    `mark` is in the words of the book; None when it has never been sound. Each transaction of the
    comparison keeps the `claim` by `hold_run`; None when somebody compares beside all runs.
    """

    mark: str | None
    until: datetime
    whole: bool
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Up to MOST differences that there are now, and the mark up to where the book was compared.

    A book that keeps its own place has no mark.
    """

    differences: Sequence[Difference]
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """A book of one service. `check` compares it in transactions of a second or two each."""

    name: str
    check: Callable[[Database, Asked], Awaitable[Found]]


@dataclass(frozen=True, slots=True)
class Staying:
    """How many differences of each book have stayed, by a run, and nobody was told of yet."""

    run_id: UUID
    differences: Mapping[str, int]

    @property
    def parameters(self) -> dict[str, str]:
        """Return the counts as a notice has them."""
        return {book: str(count) for book, count in self.differences.items()}


@dataclass(frozen=True, slots=True)
class Ledger:
    """The books of a service, the zone of its nights, and how it tells that a difference stays."""

    books: Sequence[Book]
    zone: tzinfo
    tell: Callable[[Session, Staying, datetime], Awaitable[None]]


def night_of(now: datetime, zone: tzinfo) -> date | None:
    """Return the day whose nightly run is due at an instant; None before the night has come."""
    local = now.astimezone(zone)
    return local.date() if local.time() >= NIGHT else None


def is_whole(night: date) -> bool:
    """Return whether a night's run compares everything."""
    return night.weekday() == WHOLE_WEEKDAY
