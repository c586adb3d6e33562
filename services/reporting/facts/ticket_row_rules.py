"""What a ticket adds to the figures."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, tzinfo
from typing import Final

from services.reporting.facts.rules import (
    COMPLAINT,
    Contribution,
    Dimensions,
    Measure,
    contribution,
    day_of,
    duration,
    limit,
)
from services.reporting.facts.ticket_rules import Cycle, TicketFact

STILL_OPEN: Final = date.max.toordinal()
"""The day on which a ticket ends that has not ended."""

ONE_MESSAGE: Final = 1
"""Who wrote more than once had to ask again."""


def ticket_contributions(
    fact: TicketFact, zone: tzinfo, *, came_back: bool = False
) -> list[Contribution]:
    """Return the rows of a ticket, by business days of the installation's zone.

    `came_back` says that its customer asked about the same once more, which only his other
    tickets tell.
    """
    return [
        *_arrival(fact, zone),
        *_first_response(fact, zone),
        *_resolution(fact, zone, came_back=came_back),
        *_limits(fact, zone),
        *_closings(fact, zone),
        *_closing(fact, zone),
        *_open_times(fact, zone),
    ]


def _arrival(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    day = day_of(fact.created_at, zone)
    if not fact.ours:
        yield contribution(Measure.TICKET_CREATED, day, fact.dimensions)
    if fact.dimensions.kind == COMPLAINT:
        yield contribution(Measure.COMPLAINT_CREATED, day, fact.dimensions)
    if fact.cancelled_at or fact.latest.handled_at:
        return
    yield contribution(Measure.UNRESOLVED, day, fact.dimensions)
    if fact.first_response_at is None:
        yield contribution(Measure.UNANSWERED, day, fact.dimensions)


def _first_response(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    if fact.first_response_at is not None:
        measures = Measure.FIRST_RESPONSE, Measure.FIRST_RESPONSE_CLAMPED
        yield from duration(
            measures, fact.created_at, fact.first_response_at, fact.dimensions, zone
        )


def _resolution(fact: TicketFact, zone: tzinfo, *, came_back: bool) -> Iterator[Contribution]:
    cycle = fact.last_resolved
    if cycle is None or cycle.resolved_at is None:
        return
    day = day_of(cycle.resolved_at, zone)
    by_team = replace(fact.dimensions, org_unit_id=cycle.resolved_by)
    measures = Measure.RESOLUTION, Measure.RESOLUTION_CLAMPED
    yield from duration(measures, fact.created_at, cycle.resolved_at, by_team, zone)
    yield contribution(Measure.REOPENED, day, by_team, bucket=int(fact.reopened))
    if fact.ours:
        return
    if cycle.due_at is not None:
        in_time = cycle.resolved_at <= cycle.due_at
        yield contribution(Measure.WITHIN_DEADLINE, day, by_team, bucket=int(in_time))
    yield from _first_contact(fact, cycle, day, by_team, came_back=came_back)


def _first_contact(
    fact: TicketFact, cycle: Cycle, day: date, by_team: Dimensions, *, came_back: bool
) -> Iterator[Contribution]:
    """Yield whether one contact was enough; nothing where nobody can know it."""
    if fact.customer_id is None or cycle.customer_messages is None:
        return
    again = cycle.moved or fact.reopened or came_back
    enough = cycle.customer_messages <= ONE_MESSAGE and not again
    yield contribution(Measure.FCR, day, by_team, bucket=int(enough))


def _limits(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    if fact.ours:
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
    yield limit(measure, due_at, done_at, fact.dimensions, zone)


def _closings(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    for cycle in fact.cycles.values():
        if cycle.closed_at is not None and cycle.closed_as is not None:
            yield contribution(
                Measure.CLOSING, day_of(cycle.closed_at, zone), cycle.closed_as, value=cycle.number
            )


def _closing(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    """Yield when the ticket was closed for good, as far as is known, and when reopened."""
    if fact.ours:
        return
    cycle = fact.last_closed
    if cycle is not None and cycle.closed_at is not None and cycle.closed_as is not None:
        by_team = replace(fact.dimensions, org_unit_id=cycle.closed_as.org_unit_id)
        measures = Measure.CLOSED, Measure.CLOSED_CLAMPED
        yield from duration(measures, fact.created_at, cycle.closed_at, by_team, zone)
    elif fact.cancelled_at is None:
        day = day_of(fact.created_at, zone)
        yield contribution(Measure.NOT_CLOSED, day, fact.dimensions)
    if fact.reopened:
        reopenings = [c.reopened_at for c in fact.cycles.values() if c.reopened_at]
        day = day_of(max(reopenings, default=fact.created_at), zone)
        yield contribution(Measure.REOPENING, day, fact.dimensions)


def _open_times(fact: TicketFact, zone: tzinfo) -> Iterator[Contribution]:
    """Yield the days on which the ticket began and ended to be open, each pair in order."""
    if fact.ours:
        return
    for start, end in _intervals(fact):
        first = day_of(start, zone)
        if end is None:
            yield contribution(Measure.BEGUN, first, fact.dimensions, value=STILL_OPEN)
            continue
        last = max(first, day_of(end, zone))
        yield contribution(Measure.BEGUN, first, fact.dimensions, value=last.toordinal())
        yield contribution(Measure.ENDED, last, fact.dimensions)


def _intervals(fact: TicketFact) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield from when to when the ticket was open; a reopening after a closing begins anew."""
    begun: datetime | None = fact.created_at
    for number in sorted(fact.cycles):
        cycle = fact.cycles[number]
        if begun is None:
            begun = cycle.reopened_at
        if begun is not None and cycle.closed_at is not None:
            yield begun, cycle.closed_at
            begun = None
    if begun is not None:
        yield begun, fact.cancelled_at
