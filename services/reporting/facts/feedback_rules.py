"""What is known about a feedback item, and what it adds to the figures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from uuid import UUID

from services.reporting.facts.rules import (
    Contribution,
    Dimensions,
    LoggedEvent,
    Measure,
    contribution,
    day_of,
    duration,
    limit,
)

EVENTS: Final = frozenset(
    f"feedback.{verb}"
    for verb in ("received", "classified", "replied", "resulted", "overdue", "closed")
)

IMPORTANT: Final = "important"
UNKNOWN: Final = ""
"""A dimension that an item does not have."""


@dataclass(slots=True)
class FeedbackFact:
    """An item with its two clocks."""

    item_id: UUID
    ticket_id: UUID | None
    dimensions: Dimensions
    important: bool
    received_at: datetime
    response_due_at: datetime
    result_due_at: datetime
    replied_at: datetime | None = None
    resulted_at: datetime | None = None
    closed_at: datetime | None = None


def feedback_fact(events: Iterable[LoggedEvent]) -> FeedbackFact | None:
    """Return what an item's events say together; None until its beginning is known."""
    ordered = sorted(events, key=lambda event: event.order)
    received = next((event for event in ordered if event.type == "feedback.received"), None)
    if received is None:
        return None
    latest = ordered[-1]
    fact = FeedbackFact(
        item_id=UUID(received.data["item_id"]),
        ticket_id=latest.uuid("ticket_id"),
        dimensions=Dimensions(
            org_unit_id=latest.uuid("org_unit_id"),
            channel=latest.data["channel"],
            category_id=latest.uuid("category_id"),
            priority=UNKNOWN,
            kind=latest.data["kind"],
            tier=UNKNOWN,
        ),
        important=latest.data["importance"] == IMPORTANT,
        received_at=received.instant("received_at"),
        response_due_at=latest.instant("response_due_at"),
        result_due_at=latest.instant("result_due_at"),
    )
    for event in ordered:
        _learn(fact, event)
    return fact


def _learn(fact: FeedbackFact, event: LoggedEvent) -> None:
    match event.type:
        case "feedback.replied":
            at = event.instant("replied_at")
            fact.replied_at = min(at, fact.replied_at or at)
        case "feedback.resulted":
            fact.resulted_at = event.instant("resulted_at")
        case "feedback.closed":
            fact.closed_at = event.instant("closed_at")
        case _:
            pass  # classified only moves the dimensions; overdue says what the limits say


def feedback_contributions(fact: FeedbackFact, zone: tzinfo) -> list[Contribution]:
    """Return the rows of an item: whether and when it was closed, and the limits that bind."""
    return [*_life(fact, zone), *_limits(fact, zone)]


def _life(fact: FeedbackFact, zone: tzinfo) -> Iterator[Contribution]:
    day, closed = day_of(fact.received_at, zone), fact.closed_at is not None
    yield contribution(Measure.FEEDBACK_RECEIVED, day, fact.dimensions, bucket=int(closed))
    if fact.closed_at is None:
        yield contribution(Measure.FEEDBACK_OPEN, day, fact.dimensions)
        return
    measures = Measure.FEEDBACK_CLOSED, Measure.FEEDBACK_CLOSED_CLAMPED
    yield from duration(measures, fact.received_at, fact.closed_at, fact.dimensions, zone)


def _limits(fact: FeedbackFact, zone: tzinfo) -> Iterator[Contribution]:
    if fact.important:
        settled = fact.resulted_at or fact.closed_at
        at = fact.dimensions
        yield limit(Measure.FEEDBACK_RESPONSE, fact.response_due_at, fact.replied_at, at, zone)
        yield limit(Measure.FEEDBACK_RESULT, fact.result_due_at, settled, at, zone)
