"""What is known about a ticket, and what it adds to the figures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Final
from uuid import UUID

from services.reporting.facts.rules import (
    COMPLAINT,
    RECOVERY,
    Contribution,
    Dimensions,
    LoggedEvent,
    Measure,
    contribution,
    day_of,
    dimensions_of,
    second_of_day,
    seconds_between,
)
from shared.statistics.quantiles import bucket_of

EVENTS: Final = frozenset(
    f"ticket.{verb}"
    for verb in (
        "created",
        "assigned",
        "responded",
        "escalated",
        "recategorized",
        "resolved",
        "closed",
        "reopened",
        "cancelled",
    )
)


@dataclass(slots=True)
class Cycle:
    """One time of working on a ticket, up to its closing or reopening."""

    number: int
    due_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: UUID | None = None
    closed_at: datetime | None = None
    closed_as: Dimensions | None = None

    @property
    def handled_at(self) -> datetime | None:
        """When the customer had his result; a cycle can also end without a solution."""
        return self.resolved_at or self.closed_at


@dataclass(slots=True)
class TicketFact:
    """A ticket as reporting knows it: its present dimensions and what became of each cycle."""

    ticket_id: UUID
    origin: str
    created_at: datetime
    first_response_due_at: datetime
    dimensions: Dimensions
    org_path: tuple[UUID, ...]
    first_response_at: datetime | None = None
    cancelled_at: datetime | None = None
    cycles: dict[int, Cycle] = field(default_factory=dict)

    @property
    def latest(self) -> Cycle:
        return self.cycles[max(self.cycles)]

    @property
    def reopened(self) -> bool:
        return len(self.cycles) > 1

    @property
    def last_resolved(self) -> Cycle | None:
        resolved = [number for number, cycle in self.cycles.items() if cycle.resolved_at]
        return self.cycles[max(resolved)] if resolved else None


def ticket_fact(events: Iterable[LoggedEvent]) -> TicketFact | None:
    """Return what a ticket's events say together; None until its beginning is known."""
    ordered = sorted(events, key=lambda event: event.order)
    beginning = next((event for event in ordered if event.type == "ticket.created"), None)
    if beginning is None:
        return None
    latest = ordered[-1]
    fact = TicketFact(
        ticket_id=UUID(beginning.data["ticket_id"]),
        origin=beginning.origin,
        created_at=beginning.instant("created_at"),
        first_response_due_at=beginning.instant("first_response_due_at"),
        dimensions=dimensions_of(latest),
        org_path=tuple(map(UUID, latest.data["org_path"])),
    )
    for event in ordered:
        _learn(fact, event)
    return fact


def _learn(fact: TicketFact, event: LoggedEvent) -> None:
    number = event.data["cycle_no"]
    cycle = fact.cycles.setdefault(number, Cycle(number))
    match event.type:
        case "ticket.created" | "ticket.reopened":
            cycle.due_at = event.instant("resolution_due_at")
        case "ticket.responded":
            if event.data["first"] and fact.first_response_at is None:
                fact.first_response_at = event.instant("responded_at")
        case "ticket.resolved":
            cycle.resolved_at = event.instant("resolved_at")
            cycle.resolved_by = event.uuid("org_unit_id")
        case "ticket.closed":
            cycle.closed_at = event.instant("closed_at")
            cycle.closed_as = dimensions_of(event)
        case "ticket.cancelled":
            fact.cancelled_at = event.instant("cancelled_at")
        case _:
            pass  # assigned, escalated, recategorized only move the dimensions


def ticket_contributions(fact: TicketFact, zone: tzinfo) -> list[Contribution]:
    """Return the rows of a ticket, by business days of the installation's zone."""
    return [
        *_arrival(fact, zone),
        *_first_response(fact, zone),
        *_resolution(fact, zone),
        *_limits(fact, zone),
        *_closings(fact, zone),
    ]


def _arrival(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    day = day_of(fact.created_at, zone)
    if fact.dimensions.kind != RECOVERY:
        yield contribution(Measure.TICKET_CREATED, day, fact.dimensions)
    if fact.dimensions.kind == COMPLAINT:
        yield contribution(Measure.COMPLAINT_CREATED, day, fact.dimensions)
    if fact.cancelled_at or fact.latest.handled_at:
        return
    yield contribution(Measure.UNRESOLVED, day, fact.dimensions)
    if fact.first_response_at is None:
        yield contribution(Measure.UNANSWERED, day, fact.dimensions)


def _first_response(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    if fact.first_response_at is None:
        return
    day = day_of(fact.first_response_at, zone)
    spent = seconds_between(fact.created_at, fact.first_response_at)
    shown = max(0, spent)
    yield contribution(
        Measure.FIRST_RESPONSE, day, fact.dimensions, bucket=bucket_of(shown), value=shown
    )
    if spent < 0:
        yield contribution(Measure.FIRST_RESPONSE_CLAMPED, day, fact.dimensions)


def _resolution(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    cycle = fact.last_resolved
    if cycle is None or cycle.resolved_at is None:
        return
    day = day_of(cycle.resolved_at, zone)
    by_team = replace(fact.dimensions, org_unit_id=cycle.resolved_by)
    spent = seconds_between(fact.created_at, cycle.resolved_at)
    shown = max(0, spent)
    yield contribution(Measure.RESOLUTION, day, by_team, bucket=bucket_of(shown), value=shown)
    if spent < 0:
        yield contribution(Measure.RESOLUTION_CLAMPED, day, by_team)
    yield contribution(Measure.REOPENED, day, by_team, bucket=int(fact.reopened))


def _limits(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    if fact.dimensions.kind == RECOVERY:
        return
    yield from _limit(fact, Measure.SRR, fact.first_response_due_at, fact.first_response_at, zone)
    if fact.dimensions.kind != COMPLAINT:
        return
    for cycle in fact.cycles.values():
        if cycle.due_at is not None:
            yield from _limit(fact, Measure.CPR, cycle.due_at, cycle.handled_at, zone)


def _limit(
    fact: TicketFact, measure: Measure, due_at: datetime, done_at: datetime | None, zone: tzinfo
) -> Iterator[Contribution]:
    """Yield one limit; one that a withdrawn request had not reached never falls due."""
    if done_at is None and fact.cancelled_at is not None and fact.cancelled_at <= due_at:
        return
    yield contribution(
        measure,
        day_of(due_at, zone),
        fact.dimensions,
        bucket=int(done_at is not None and done_at <= due_at),
        value=second_of_day(due_at, zone),
    )


def _closings(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    for cycle in fact.cycles.values():
        if cycle.closed_at is not None and cycle.closed_as is not None:
            yield contribution(
                Measure.CLOSING, day_of(cycle.closed_at, zone), cycle.closed_as, value=cycle.number
            )
