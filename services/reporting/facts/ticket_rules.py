"""What is known about a ticket."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from services.reporting.facts.rules import RECOVERY, Dimensions, LoggedEvent, dimensions_of

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
    """One time of working on a ticket, up to its closing or reopening.

    `moved` says that the ticket had changed its team or tier by the resolution; of
    `customer_messages` None is unknown.
    """

    number: int
    reopened_at: datetime | None = None
    due_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: UUID | None = None
    customer_messages: int | None = None
    moved: bool = False
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
    customer_id: UUID | None
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

    @property
    def last_closed(self) -> Cycle | None:
        """The present closing; None while the ticket is open, also once more."""
        return self.latest if self.latest.closed_at else None

    @property
    def ours(self) -> bool:
        """Whether it is our own work about a complaint, and no request of the customer."""
        return self.dimensions.kind == RECOVERY


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
        customer_id=latest.uuid("customer_id"),
    )
    places: set[tuple[str, str]] = set()
    for event in ordered:
        places |= _places(event)
        _learn(fact, event, moved=len(places) > len({kind for kind, _ in places}))
    return fact


def _places(event: LoggedEvent) -> set[tuple[str, str]]:
    """Return where the ticket is; before its first team it is nowhere."""
    named = (("team", event.data["org_unit_id"]), ("tier", event.data["tier"]))
    return {(kind, place) for kind, place in named if place}


def _learn(fact: TicketFact, event: LoggedEvent, *, moved: bool) -> None:
    number = event.data["cycle_no"]
    cycle = fact.cycles.setdefault(number, Cycle(number))
    match event.type:
        case "ticket.created":
            cycle.due_at = event.instant("resolution_due_at")
        case "ticket.reopened":
            cycle.due_at = event.instant("resolution_due_at")
            cycle.reopened_at = event.instant("reopened_at")
        case "ticket.responded":
            if event.data["first"] and fact.first_response_at is None:
                fact.first_response_at = event.instant("responded_at")
        case "ticket.resolved":
            cycle.resolved_at = event.instant("resolved_at")
            cycle.resolved_by = event.uuid("org_unit_id")
            cycle.customer_messages = event.data.get("customer_messages")
            cycle.moved = moved
        case "ticket.closed":
            cycle.closed_at = event.instant("closed_at")
            cycle.closed_as = dimensions_of(event)
        case "ticket.cancelled":
            fact.cancelled_at = event.instant("cancelled_at")
        case _:
            pass  # assigned, escalated, recategorized only move the dimensions
