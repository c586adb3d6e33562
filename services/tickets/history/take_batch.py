"""Decide about some lines of an import, and write the tickets of those that can be taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.tickets.history.event_queries import events_of
from services.tickets.history.find_places import Places, places
from services.tickets.history.line_rules import LineError, column_of
from services.tickets.history.mapping_rules import HistoryMapping
from services.tickets.history.queries import Import
from services.tickets.history.read_file import Line
from services.tickets.history.result_queries import Result, first_lines
from services.tickets.history.row_rules import (
    HistoryEvent,
    HistoryRow,
    check_instants,
    read_row,
    row_of_log,
)
from services.tickets.history.telling import PastTicket
from services.tickets.history.ticket_queries import known_tickets
from services.tickets.history.vocabulary import ImportFile, Outcome, Remark, TicketField
from services.tickets.history.write_tickets import (
    Arrival,
    arrival_of,
    past_ticket,
    write_tickets,
)
from services.tickets.tickets.open_ticket import Intake
from shared.database import Session

PLACES = {
    Remark.CATEGORY_UNKNOWN: TicketField.CATEGORY,
    Remark.UNIT_UNKNOWN: TicketField.ORG_UNIT,
    Remark.UNIT_AMBIGUOUS: TicketField.ORG_UNIT,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may become a ticket, or why it cannot."""

    line: int
    ref: str | None
    row: HistoryRow | None = None
    wrong: LineError | None = None


def candidate_of_line(line: Line, mapping: HistoryMapping, now: datetime) -> Candidate:
    """Return what a line of tickets may become."""
    column = column_of(mapping, TicketField.REF) or ""
    ref = line.cells.get(column, "").strip()[:200] or None
    try:
        if line.remark is not None:
            raise LineError(line.remark)  # noqa: TRY301 - one place for all refusals
        return Candidate(line.number, ref, read_row(line.cells, mapping, now))
    except LineError as error:
        printable = ref if ref and ref.isprintable() else None
        return Candidate(line.number, printable, wrong=error)


def candidate_of_log(
    line: int, ref: str, events: Sequence[HistoryEvent], mapping: HistoryMapping, now: datetime
) -> Candidate:
    """Return what the events of a log with this ref may become."""
    try:
        row = row_of_log(ref, events, mapping)
        check_instants(row, mapping, now)
    except LineError as error:
        return Candidate(line, ref, wrong=error)
    return Candidate(line, ref, row)


async def take_batch(
    session: Session,
    job: Import,
    mapping: HistoryMapping,
    candidates: Sequence[Candidate],
    *,
    intake: Intake,
    now: datetime,
) -> list[Result]:
    """Write what can be taken and return what became of every line, in their order."""
    refs = {one.ref for one in candidates if one.ref is not None}
    firsts = {} if mapping.is_log else await first_lines(session, job.id, refs)
    known = await known_tickets(session, mapping.source, refs)
    events = await events_of(session, job.id, refs) if job.events_read else {}
    results, arrivals = _decide(candidates, firsts, known, events, mapping)
    found = await _places(session, arrivals, mapping, now)
    made = []
    for arrival in arrivals:
        try:
            ticket = past_ticket(arrival, mapping, found, intake.limits)
        except LineError as error:
            column = column_of(mapping, PLACES[error.remark])
            results[arrival.line] = _of(arrival, Outcome.REJECTED, error.remark, column=column)
        else:
            made.append((arrival, ticket))
            results[arrival.line] = _created(arrival, ticket)
    await write_tickets(
        session, made, import_id=job.id, source=mapping.source, zone=intake.zone, now=now
    )
    return [results[one.line] for one in candidates]


def _decide(
    candidates: Sequence[Candidate],
    firsts: dict[str, int],
    known: Mapping[str, tuple[UUID, bytes | None]],
    events: Mapping[str, Sequence[HistoryEvent]],
    mapping: HistoryMapping,
) -> tuple[dict[int, Result], list[Arrival]]:
    """Return what is clear without a look at units and categories, and what else may be new."""
    results: dict[int, Result] = {}
    arrivals: list[Arrival] = []
    for one in candidates:
        first = firsts.setdefault(one.ref, one.line) if one.ref is not None else one.line
        if first != one.line:
            results[one.line] = _rejected(one, Remark.REF_REPEATED, first_line=first)
        elif one.row is None:
            wrong = one.wrong or LineError(Remark.VALUE_MISSING)
            results[one.line] = _rejected(one, wrong.remark, wrong.column)
        else:
            arrival = arrival_of(one.line, one.row, events.get(one.row.ref, ()), mapping)
            if one.row.ref in known:
                results[one.line] = _known(arrival, *known[one.row.ref])
            else:
                arrivals.append(arrival)
    return results, arrivals


async def _places(
    session: Session, arrivals: Sequence[Arrival], mapping: HistoryMapping, now: datetime
) -> Places:
    found = await places(session, make=mapping.create_missing)
    units = {arrival.row.org_unit for arrival in arrivals}
    units |= {event.org_unit for arrival in arrivals for event in arrival.events}
    await found.make_units(session, {name for name in units if name}, now)
    await found.make_categories(session, {arrival.row.category for arrival in arrivals}, now)
    return found


def _known(arrival: Arrival, ticket_id: UUID, digest: bytes | None) -> Result:
    if digest is None:
        return _of(arrival, Outcome.REJECTED, Remark.REF_OF_ANOTHER)
    if digest != arrival.digest:
        return _of(arrival, Outcome.REJECTED, Remark.DIFFERS, ticket_id=ticket_id)
    return _of(arrival, Outcome.UNCHANGED, ticket_id=ticket_id)


def _created(arrival: Arrival, ticket: PastTicket) -> Result:
    reopened = max(step.cycle_no for step in ticket.steps) - 1
    undated = (arrival.row.reopen_count or 0) > reopened
    remark = Remark.REOPENINGS_UNDATED if undated else None
    return _of(arrival, Outcome.CREATED, remark, ticket_id=ticket.id)


def _of(
    arrival: Arrival,
    outcome: Outcome,
    remark: Remark | None = None,
    *,
    column: str | None = None,
    ticket_id: UUID | None = None,
) -> Result:
    return Result(
        ImportFile.MAIN,
        arrival.line,
        arrival.row.ref,
        outcome,
        remark,
        column,
        ticket_id=ticket_id,
    )


def _rejected(
    one: Candidate, remark: Remark, column: str | None = None, *, first_line: int | None = None
) -> Result:
    return Result(ImportFile.MAIN, one.line, one.ref, Outcome.REJECTED, remark, column, first_line)
