"""What others hear of a ticket of the past: its events with the times that they had."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.tickets.directory.queries import OrgUnit
from services.tickets.history.life_rules import Step
from services.tickets.history.row_rules import HistoryRow
from services.tickets.tickets.vocabulary import Move, Requester, Tier
from shared.contracts.tickets import (
    TicketAssigned,
    TicketClosed,
    TicketCreated,
    TicketEvent,
    TicketReopened,
    TicketResolved,
    TicketResponded,
)
from shared.messages.contract import Origin
from shared.outbox.emit import Saying

NOT_STATED: Final = "not_stated"
"""A source seldom says why; a word of ours would be a guess."""


@dataclass(frozen=True, slots=True)
class PastTicket:
    """A ticket of the past with all that its events need; `units` are those of its steps."""

    id: UUID
    row: HistoryRow
    steps: Sequence[Step]
    category_id: UUID | None
    units: Sequence[OrgUnit | None]
    first_response: timedelta
    resolution: timedelta

    @property
    def first_response_due_at(self) -> datetime:
        return self.row.created_at + self.first_response

    @property
    def resolution_due_at(self) -> datetime:
        """Return what was promised at the beginning; a source does not say more of a reopening."""
        return self.row.created_at + self.resolution


def sayings_of(ticket: PastTicket) -> Iterator[Saying]:
    """Give the events of a ticket in the order of its life."""
    resolved_at: dict[int, datetime] = {}
    sequence = 0
    for step, unit in zip(ticket.steps, ticket.units, strict=True):
        if step.move is Move.RESOLVE:
            resolved_at[step.cycle_no] = step.at
        if not step.told:
            continue
        sequence += 1
        event, data = _said(ticket, step, resolved_at.get(step.cycle_no))
        content = event(**_dimensions(ticket, step, unit), **data)
        yield Saying(content, ticket.id, sequence, step.at, Origin.IMPORT)


def _dimensions(ticket: PastTicket, step: Step, unit: OrgUnit | None) -> dict[str, Any]:
    return {
        "ticket_id": ticket.id,
        "cycle_no": step.cycle_no,
        "kind": ticket.row.kind,
        "channel": ticket.row.channel,
        "category_id": ticket.category_id,
        "org_unit_id": unit.id if unit else None,
        "org_path": unit.path if unit else (),
        "priority": ticket.row.priority,
        "tier": Tier.L1,
        "customer_id": None,
    }


def _said(
    ticket: PastTicket, step: Step, resolved_at: datetime | None
) -> tuple[type[TicketEvent], dict[str, Any]]:
    row = ticket.row
    match step.move:
        case Move.OPEN:
            return TicketCreated, {
                "created_at": step.at,
                "first_response_due_at": ticket.first_response_due_at,
                "resolution_due_at": ticket.resolution_due_at,
            }
        case Move.ASSIGN:
            return TicketAssigned, {"assignee_id": None, "assigned_at": step.at}
        case Move.REPLY:
            return TicketResponded, {"first": step.first, "responded_at": step.at}
        case Move.RESOLVE:
            return TicketResolved, {
                "resolution_reason": row.resolution_reason,
                "resolved_at": step.at,
                "customer_messages": step.customer_messages,
            }
        case Move.CLOSE:
            return TicketClosed, {
                "close_actor": row.close_actor,
                "resolution_reason": row.resolution_reason if resolved_at else NOT_STATED,
                "requester": Requester.CUSTOMER,
                "created_at": row.created_at,
                "resolved_at": resolved_at or step.at,
                "closed_at": step.at,
            }
        case _:
            return TicketReopened, {
                "reason": NOT_STATED,
                "resolution_due_at": ticket.resolution_due_at,
                "reopened_at": step.at,
            }
