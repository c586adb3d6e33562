"""What a fact adds to the figures, and what changes when it becomes another.

A fact is a pure function of the set of events that are known about one ticket, invitation, loop
case or feedback item. It holds the rows that it now contributes; a later event replaces them: new
minus old. So no order of arrival and no repetition can count anything twice, and a rebuild gives
the same figures.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from shared.statistics.quantiles import bucket_of

COMPLAINT: Final = "complaint"
RECOVERY: Final = "recovery"
"""A recovery ticket is our own work about a complaint, not a new request of the customer."""


class Measure(StrEnum):
    """What is counted.

    A row's `bucket` and `value` are, for scores, the score and the score; for shares 0 or 1 (missed
    or met) and a number beside it; for durations their histogram bucket and the seconds.
    For the others only the row itself counts.
    """

    CSAT = "csat"
    COMPLAINT_SATISFACTION = "complaint_satisfaction"
    NPS = "nps"
    RESPONSE_RATE = "response_rate"
    INVITATION = "invitation"  # bucket: InvitationState; value: the cycle
    CLOSING = "closing"  # value: the cycle
    TICKET_CREATED = "ticket_created"
    COMPLAINT_CREATED = "complaint_created"
    FIRST_RESPONSE = "first_response"
    FIRST_RESPONSE_CLAMPED = "first_response_clamped"
    UNANSWERED = "unanswered"
    RESOLUTION = "resolution"
    RESOLUTION_CLAMPED = "resolution_clamped"
    UNRESOLVED = "unresolved"
    SRR = "srr"  # value: the second of the day at which the limit falls due
    CPR = "cpr"  # value: as for SRR
    REOPENED = "reopened"
    REOPENING = "reopening"
    WITHIN_DEADLINE = "within_deadline"
    FCR = "fcr"
    CLOSED = "closed"
    CLOSED_CLAMPED = "closed_clamped"
    NOT_CLOSED = "not_closed"
    BEGUN = "begun"  # value: the ordinal of the day on which what begun here ended
    ENDED = "ended"
    LOOP_CLOSED = "loop_closed"  # bucket: Outcome
    LOOP_NOT_NEEDED = "loop_not_needed"
    FEEDBACK_RESPONSE = "feedback_response"  # value: as for SRR
    FEEDBACK_RESULT = "feedback_result"  # value: as for SRR
    FEEDBACK_RECEIVED = "feedback_received"  # bucket: whether it is closed
    FEEDBACK_CLOSED = "feedback_closed"
    FEEDBACK_CLOSED_CLAMPED = "feedback_closed_clamped"
    FEEDBACK_OPEN = "feedback_open"


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event of the log, its data as they came: instants and ids are strings."""

    type: str
    epoch: int
    sequence: int
    time: datetime
    origin: str
    data: Mapping[str, Any]

    @property
    def order(self) -> tuple[int, int, datetime, str]:
        """Where the event stands in its subject's life, whenever it arrived."""
        return (self.epoch, self.sequence, self.time, self.type)

    def instant(self, name: str) -> datetime:
        """Return an instant of the data, else the business time of the event itself."""
        value = self.data.get(name)
        return datetime.fromisoformat(value) if value else self.time

    def uuid(self, name: str) -> UUID | None:
        """Return an id of the data, or None where it is not set."""
        value = self.data.get(name)
        return UUID(value) if value else None


@dataclass(frozen=True, slots=True)
class Dimensions:
    """By what figures can be divided; a unit's figures include those of its children."""

    org_unit_id: UUID | None
    channel: str
    category_id: UUID | None
    priority: str
    kind: str
    tier: str


def dimensions_of(event: LoggedEvent) -> Dimensions:
    """Return the dimensions that an event carries, as of its moment."""
    data = event.data
    return Dimensions(
        org_unit_id=event.uuid("org_unit_id"),
        channel=data["channel"],
        category_id=event.uuid("category_id"),
        priority=data["priority"],
        kind=data["kind"],
        tier=data["tier"],
    )


class Key(NamedTuple):
    """One cell of the roll-up."""

    measure: Measure
    day: date
    org_unit_id: UUID | None
    channel: str
    category_id: UUID | None
    priority: str
    kind: str
    tier: str
    bucket: int

    @property
    def order(self) -> tuple[str, ...]:
        """One order for all writers, so that two of them cannot wait for each other."""
        return tuple(map(str, self))


class Contribution(NamedTuple):
    """One row that a fact adds: it counts once, with an integer value."""

    measure: Measure
    day: date
    org_unit_id: UUID | None
    channel: str
    category_id: UUID | None
    priority: str
    kind: str
    tier: str
    bucket: int
    value: int

    @property
    def key(self) -> Key:
        return Key(*self[:-1])


@dataclass(frozen=True, slots=True)
class Sums:
    """What a cell knows about its rows; integers, so that taking away is exact."""

    n: int = 0
    total: int = 0
    squares: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.n + other.n, self.total + other.total, self.squares + other.squares)


def contribution(
    measure: Measure, day: date, at: Dimensions, bucket: int = 0, value: int = 1
) -> Contribution:
    """Return a row of these dimensions."""
    return Contribution(
        measure,
        day,
        at.org_unit_id,
        at.channel,
        at.category_id,
        at.priority,
        at.kind,
        at.tier,
        bucket,
        value,
    )


def limit(
    measure: Measure, due_at: datetime, done_at: datetime | None, at: Dimensions, zone: tzinfo
) -> Contribution:
    """Return the row of a limit: met when the work was done not later."""
    return contribution(
        measure,
        day_of(due_at, zone),
        at,
        bucket=int(done_at is not None and done_at <= due_at),
        value=second_of_day(due_at, zone),
    )


def duration(
    measures: tuple[Measure, Measure], start: datetime, end: datetime, at: Dimensions, zone: tzinfo
) -> Iterator[Contribution]:
    """Yield the row of a duration on the day of its end; of a negative one also the second."""
    measure, clamped = measures
    day, spent = day_of(end, zone), seconds_between(start, end)
    shown = max(0, spent)
    yield contribution(measure, day, at, bucket=bucket_of(shown), value=shown)
    if spent < 0:
        yield contribution(clamped, day, at)


def change(old: Iterable[Contribution], new: Iterable[Contribution]) -> dict[Key, Sums]:
    """Return what the cells gain or lose when a fact's rows are replaced; untouched ones not."""
    cells: defaultdict[Key, Sums] = defaultdict(Sums)
    for sign, rows in ((-1, old), (1, new)):
        for row in rows:
            value = row.value
            cells[row.key] += Sums(sign, sign * value, sign * value * value)
    nothing = Sums()
    return {key: sums for key, sums in cells.items() if sums != nothing}


def day_of(instant: datetime, zone: tzinfo) -> date:
    """Return the business day of an instant."""
    return instant.astimezone(zone).date()


def second_of_day(instant: datetime, zone: tzinfo) -> int:
    """Return how many seconds of its business day had passed; an hour set back counts twice."""
    midnight = datetime.combine(day_of(instant, zone), time(), zone)
    return int((instant.astimezone(UTC) - midnight.astimezone(UTC)).total_seconds())


def seconds_between(start: datetime, end: datetime) -> int:
    """Return the whole seconds from `start` to `end`, negative where clocks disagree."""
    return int((end - start).total_seconds())
