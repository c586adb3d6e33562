"""What a line says, as a mapping reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.tickets.history.line_rules import (
    LONGEST_LINE,
    LONGEST_NAME,
    Cells,
    Line,
    LineError,
    column_of,
    instant,
)
from services.tickets.history.mapping_rules import WORDS, HistoryMapping
from services.tickets.history.vocabulary import EventField, Happening, Remark, TicketField
from services.tickets.tickets.vocabulary import (
    Channel,
    CloseActor,
    Kind,
    Priority,
    ResolutionReason,
)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A ticket of the past as its source tells it; units and categories by their names."""

    ref: str
    kind: Kind
    channel: Channel
    priority: Priority
    category: tuple[str, ...]
    org_unit: str | None
    assignee: str | None
    subject: str | None
    created_at: datetime
    first_responded_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    resolution_reason: ResolutionReason
    close_actor: CloseActor
    impact: str | None = None
    urgency: str | None = None
    reopen_count: int | None = None
    reassignment_count: int | None = None
    within_limits: bool | None = None


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One thing that happened to a ticket of the past."""

    ref: str
    at: datetime
    happening: Happening
    org_unit: str | None


def read_row(cells: Cells, mapping: HistoryMapping, now: datetime) -> HistoryRow:
    """Return the ticket of a line. Raises LineError."""
    line = Line(cells, mapping)
    row = HistoryRow(
        ref=line.needed(TicketField.REF),
        category=line.path(),
        org_unit=line.name(TicketField.ORG_UNIT, LONGEST_NAME),
        assignee=line.name(TicketField.ASSIGNEE),
        subject=line.name(TicketField.SUBJECT),
        created_at=line.needed_at(TicketField.CREATED_AT),
        first_responded_at=line.at(TicketField.FIRST_RESPONDED_AT),
        resolved_at=line.at(TicketField.RESOLVED_AT),
        closed_at=line.at(TicketField.CLOSED_AT),
        impact=line.name(TicketField.IMPACT),
        urgency=line.name(TicketField.URGENCY),
        reopen_count=line.count(TicketField.REOPEN_COUNT),
        reassignment_count=line.count(TicketField.REASSIGNMENT_COUNT),
        within_limits=line.flag(TicketField.WITHIN_LIMITS),
        **_words(line),
    )
    check_instants(row, mapping, now)
    return row


def row_of_log(ref: str, events: Sequence[HistoryEvent], mapping: HistoryMapping) -> HistoryRow:
    """Return the ticket that a log tells about, which has no line of its own.

    It begins with the first question, or whatever comes first; its answer is the first one given.
    """
    first = {
        happening: min(e.at for e in events if e.happening is happening)
        for happening in {event.happening for event in events}
    }
    last = events[-1]
    ended = last.happening in {Happening.RESOLVED, Happening.CLOSED}
    resolved = [e.at for e in events if e.happening is Happening.RESOLVED]
    return HistoryRow(
        ref=ref,
        category=(),
        org_unit=next((e.org_unit for e in reversed(events) if e.org_unit), None),
        assignee=None,
        subject=None,
        created_at=first.get(Happening.ASKED, events[0].at),
        first_responded_at=first.get(Happening.ANSWERED),
        resolved_at=resolved[-1] if ended and resolved else None,
        closed_at=last.at if last.happening is Happening.CLOSED else None,
        **_words(Line({}, mapping)),
    )


def read_event(cells: Cells, mapping: HistoryMapping, now: datetime) -> HistoryEvent:
    """Return what a line of a log tells. Raises LineError."""
    log, line = mapping.events, Line(cells, mapping)
    if log is None:
        raise LineError(Remark.TICKET_MISSING)
    columns = log.columns
    values = {one: line.value(name) for one, name in columns.items()}
    for one in (EventField.REF, EventField.AT, EventField.HAPPENING):
        if values[one] is None:
            raise LineError(Remark.VALUE_MISSING, columns[one])
    happening = log.happenings.get(values[EventField.HAPPENING] or "")
    if happening is None:
        raise LineError(Remark.VALUE_UNKNOWN, columns[EventField.HAPPENING])
    column = columns[EventField.AT]
    form = log.instant_format or mapping.instant_format
    at = instant(values[EventField.AT] or "", column, form, mapping)
    if at > now:
        raise LineError(Remark.INSTANT_IN_FUTURE, column)
    unit, ref = values.get(EventField.ORG_UNIT), values[EventField.REF] or ""
    if len(ref) > LONGEST_LINE:
        raise LineError(Remark.VALUE_TOO_LONG, columns[EventField.REF])
    if unit is not None and len(unit) > LONGEST_NAME:
        raise LineError(Remark.VALUE_TOO_LONG, columns[EventField.ORG_UNIT])
    return HistoryEvent(ref, at, happening, unit)


def check_instants(row: HistoryRow, mapping: HistoryMapping, now: datetime) -> None:
    """Raise LineError for a life in an impossible order.

    A first answer before the beginning is left to the statistics: they count it as no time and
    say how many there were, since two systems' clocks do differ.
    """
    ends = (TicketField.RESOLVED_AT, TicketField.CLOSED_AT)
    known = [(one, at) for one in ends if (at := getattr(row, one)) is not None]
    for one, at in [(TicketField.CREATED_AT, row.created_at), *known]:
        if at > now:
            raise LineError(Remark.INSTANT_IN_FUTURE, column_of(mapping, one))
    before = row.created_at
    for one, at in known:
        if at < before:
            raise LineError(Remark.ORDER_OF_INSTANTS, column_of(mapping, one))
        before = at


def _words(line: Line) -> dict[str, Any]:
    return {one.value: line.word(one) for one in WORDS}
