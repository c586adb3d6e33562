"""What is known about a loop case, and what it adds to the figures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import IntEnum
from typing import Final
from uuid import UUID

from services.reporting.facts.rules import (
    Contribution,
    Dimensions,
    LoggedEvent,
    Measure,
    contribution,
    day_of,
    dimensions_of,
    limit,
)

EVENTS: Final = frozenset(
    f"feedback.loop_{verb}"
    for verb in ("opened", "contacted", "resulted", "overdue", "escalated", "closed")
)


class Outcome(IntEnum):
    """The verdict of a case; the numbers are buckets of the roll-up."""

    OTHER = 0
    RECOVERED = 1
    NOT_RECOVERED = 2
    UNREACHABLE = 3
    NOT_NEEDED = 4


OUTCOMES: Final = {outcome.name.lower(): outcome for outcome in Outcome}


@dataclass(slots=True)
class LoopFact:
    """A case with its two clocks; the dimensions are those of its root ticket."""

    case_id: UUID
    ticket_id: UUID
    dimensions: Dimensions
    level: int
    opened_at: datetime
    contact_due_at: datetime
    result_due_at: datetime
    contacted_at: datetime | None = None
    resulted_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def settled_at(self) -> datetime | None:
        """When the customer had his result, or there was nothing more to wait for."""
        return self.resulted_at or self.closed_at


def loop_fact(events: Iterable[LoggedEvent]) -> LoopFact | None:
    """Return what a case's events say together; None until its beginning is known."""
    ordered = sorted(events, key=lambda event: event.order)
    opened = next((event for event in ordered if event.type == "feedback.loop_opened"), None)
    if opened is None:
        return None
    fact = LoopFact(
        case_id=UUID(opened.data["case_id"]),
        ticket_id=UUID(opened.data["ticket_id"]),
        dimensions=dimensions_of(ordered[-1]),
        level=max(event.data["level"] for event in ordered),
        opened_at=opened.instant("opened_at"),
        contact_due_at=opened.instant("contact_due_at"),
        result_due_at=opened.instant("result_due_at"),
    )
    for event in ordered:
        _learn(fact, event)
    return fact


def _learn(fact: LoopFact, event: LoggedEvent) -> None:
    match event.type:
        case "feedback.loop_contacted":
            at = event.instant("contacted_at")
            fact.contacted_at = min(at, fact.contacted_at or at)
        case "feedback.loop_resulted":
            at = event.instant("resulted_at")
            fact.resulted_at = min(at, fact.resulted_at or at)
        case "feedback.loop_closed":
            fact.closed_at = event.instant("closed_at")
            fact.outcome = OUTCOMES.get(event.data["outcome"], Outcome.OTHER)
        case _:
            pass  # overdue says what the limits say; an escalation only raises the level


def loop_contributions(fact: LoopFact, zone: tzinfo) -> list[Contribution]:
    """Return the rows of a case: its verdict and its two limits."""
    return [*_verdict(fact, zone), *_limits(fact, zone)]


def _verdict(fact: LoopFact, zone: tzinfo) -> Iterator[Contribution]:
    if fact.closed_at is None or fact.outcome is None:
        return
    measure = Measure.LOOP_CLOSED
    if fact.outcome is Outcome.NOT_NEEDED:
        measure = Measure.LOOP_NOT_NEEDED
    day = day_of(fact.closed_at, zone)
    yield contribution(measure, day, fact.dimensions, bucket=fact.outcome)


def _limits(fact: LoopFact, zone: tzinfo) -> Iterator[Contribution]:
    """Yield the limits; one that a case without need had not reached never falls due."""
    for measure, due_at, done_at in (
        (Measure.FEEDBACK_RESPONSE, fact.contact_due_at, fact.contacted_at),
        (Measure.FEEDBACK_RESULT, fact.result_due_at, fact.settled_at),
    ):
        spared = (
            fact.outcome is Outcome.NOT_NEEDED
            and fact.closed_at is not None
            and fact.closed_at <= due_at
            and done_at in {None, fact.closed_at}
        )
        if not spared:
            yield limit(measure, due_at, done_at, fact.dimensions, zone)
