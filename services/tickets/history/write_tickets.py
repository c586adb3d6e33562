"""Write tickets of the past with their history, beside the state machine, and tell of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import chain
from typing import Any
from uuid import UUID

import orjson

from services.tickets.history.find_places import Places
from services.tickets.history.life_rules import Step, life_of
from services.tickets.history.mapping_rules import HistoryMapping
from services.tickets.history.row_rules import HistoryEvent, HistoryRow
from services.tickets.history.telling import PastTicket, sayings_of
from services.tickets.history.ticket_queries import insert_past_tickets, next_numbers
from services.tickets.tickets.rules import NUMBER_LETTERS, Limits
from services.tickets.tickets.vocabulary import Move, Requester, Stage, State, Tier
from shared.auth.actor import SYSTEM
from shared.database import Session
from shared.ids import new_id
from shared.messages.contract import Origin
from shared.outbox.emit import emit


@dataclass(frozen=True, slots=True)
class Arrival:
    """A line that can be a ticket, with what the log says of it."""

    line: int
    row: HistoryRow
    events: Sequence[HistoryEvent]
    digest: bytes


def arrival_of(
    line: int, row: HistoryRow, events: Sequence[HistoryEvent], mapping: HistoryMapping
) -> Arrival:
    """Return a line's ticket with a digest of all that figures depend on."""
    limit = mapping.limits.get(row.priority)
    said = orjson.dumps([row, list(events), limit], option=orjson.OPT_UTC_Z)
    return Arrival(line, row, events, hashlib.sha256(said).digest())


async def write_tickets(
    session: Session,
    made: Sequence[tuple[Arrival, PastTicket]],
    *,
    import_id: UUID,
    source: str,
    zone: tzinfo,
    now: datetime,
) -> None:
    """Write tickets that are not there yet."""
    numbers = await next_numbers(session, len(made))
    rows, moves, beside = [], [], []
    for (arrival, ticket), number in zip(made, numbers, strict=True):
        rows.append(_ticket(ticket, source, number, zone, now))
        moves.extend(_moves(ticket))
        beside.append(_beside(ticket, arrival, import_id))
    await insert_past_tickets(session, rows, moves, beside)
    await emit(session, *chain.from_iterable(sayings_of(ticket) for _, ticket in made))


def past_ticket(
    arrival: Arrival, mapping: HistoryMapping, known: Places, limits: Limits
) -> PastTicket:
    """Return a ticket of the past. Raises LineError for an unknown category or unit."""
    row, limit = arrival.row, mapping.limits.get(arrival.row.priority)
    steps = life_of(row, arrival.events)
    category = known.category(row.category)
    return PastTicket(
        id=new_id(),
        row=row,
        steps=steps,
        category_id=category.id if category else None,
        units=[known.unit(step.org_unit) for step in steps],
        first_response=limit.first_response if limit else limits.first_response,
        resolution=limit.resolution if limit else limits.resolution,
    )


def _ticket(
    ticket: PastTicket, source: str, number: int, zone: tzinfo, now: datetime
) -> dict[str, Any]:
    row, last, unit = ticket.row, ticket.steps[-1], ticket.units[-1]
    day = row.created_at.astimezone(zone)
    return {
        "id": ticket.id,
        "number": f"{NUMBER_LETTERS[row.kind]}{day:%Y%m%d}-{number % 1_000_000:06}",
        "kind": row.kind,
        "channel": row.channel,
        "priority": row.priority,
        "tier": Tier.L1,
        "state": last.state,
        "stage": _stage(last),
        "category_id": ticket.category_id,
        "org_unit_id": unit.id if unit else None,
        "org_path": unit.path if unit else (),
        "requester": Requester.CUSTOMER,
        "subject": row.subject or f"{source} {row.ref}",
        "description": "",
        "source": source,
        "source_ref": row.ref,
        "cycle_no": last.cycle_no,
        "move_count": len(ticket.steps) - 1,
        "created_at": row.created_at,
        "first_response_due_at": ticket.first_response_due_at,
        "first_responded_at": row.first_responded_at,
        "resolution_due_at": ticket.resolution_due_at,
        "resolved_at": row.resolved_at,
        "resolution_reason": row.resolution_reason if row.resolved_at else None,
        "closed_at": row.closed_at,
        "close_actor": row.close_actor if row.closed_at else None,
        "updated_at": now,
        "origin": Origin.IMPORT,
        "sequence": sum(step.told for step in ticket.steps),
    }


def _moves(ticket: PastTicket) -> list[dict[str, Any]]:
    return [
        {
            "ticket_id": ticket.id,
            "number": number,
            "move": step.move,
            "state": step.state,
            "stage": _stage(step),
            "tier": Tier.L1,
            "cycle_no": step.cycle_no,
            "actor_kind": SYSTEM.kind,
            "actor_id": SYSTEM.id,
            "org_unit_id": unit.id if unit else None,
            "assignee_id": None,
            "detail": {"first": True} if step.first else {},
            "moved_at": step.at,
        }
        for number, (step, unit) in enumerate(zip(ticket.steps, ticket.units, strict=True))
    ]


def _stage(step: Step) -> Stage:
    if step.state in {State.RESOLVED, State.CLOSED}:
        return Stage.SOLUTION
    return Stage.ACCEPTED if step.move is Move.OPEN else Stage.ANALYZING


def _beside(ticket: PastTicket, arrival: Arrival, import_id: UUID) -> dict[str, Any]:
    names = ("assignee", "impact", "urgency", "reopen_count", "reassignment_count", "within_limits")
    return {
        "ticket_id": ticket.id,
        "import_id": import_id,
        "digest": arrival.digest,
        **{name: getattr(ticket.row, name) for name in names},
    }
