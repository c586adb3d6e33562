"""Take a request: a ticket with its number and the times that are promised."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.tickets.categories.queries import require_category
from services.tickets.customers.queries import require_customer
from services.tickets.directory.queries import path_of_unit
from services.tickets.tickets.move_queries import add_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.rules import NUMBER_LETTERS, Limits
from services.tickets.tickets.telling import notify_customer, tell
from services.tickets.tickets.vocabulary import (
    Channel,
    Kind,
    Priority,
    Requester,
    Stage,
    State,
    Tier,
)
from shared.auth.actor import Actor
from shared.contracts.tickets import TicketCreated
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.messages.contract import Origin
from shared.privacy.tombstones import require_not_erased


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """What is asked, by whom and where."""

    kind: Kind
    channel: Channel
    subject: str
    description: str
    customer_id: UUID | None
    requester: Requester = Requester.CUSTOMER
    priority: Priority = Priority.NORMAL
    category_id: UUID | None = None
    org_unit_id: UUID | None = None
    source: str | None = None
    source_ref: str | None = None
    origin: str = Origin.LIVE
    recovers_ticket_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """What the organisation promises to every request that it takes."""

    limits: Limits
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Promised:
    """Until when a ticket's customer shall hear from a person, and have a solution."""

    first_response_due_at: datetime
    resolution_due_at: datetime


async def open_ticket(
    session: Session,
    vault: Vault,
    request: TicketRequest,
    *,
    intake: Intake,
    actor: Actor,
    now: datetime,
) -> Ticket:
    """Open a ticket and tell the customer its number and times.

    Raises InvalidError for a category, unit or customer that does not exist, ConflictError when
    the source's record was taken before: who repeats a call repeats its Idempotency-Key, and a
    second call with other words must not learn of a ticket that may be another team's.
    """
    await require_not_erased(session, request.customer_id)
    await require_category(session, request.category_id)
    await require_customer(session, request.customer_id)
    limits = intake.limits
    ticket = await record_ticket(
        session,
        request,
        path=await path_of_unit(session, request.org_unit_id),
        promised=Promised(limits.first_response_due(now), limits.resolution_due(now)),
        zone=intake.zone,
        actor=actor,
        now=now,
    )
    await notify_customer(
        session,
        vault,
        ticket,
        "ticket_received",
        now=now,
        first_response_due_at=ticket.first_response_due_at.isoformat(),
        resolution_due_at=ticket.resolution_due_at.isoformat(),
    )
    return ticket


async def record_ticket(
    session: Session,
    request: TicketRequest,
    *,
    path: tuple[UUID, ...],
    promised: Promised,
    zone: ZoneInfo,
    actor: Actor,
    now: datetime,
) -> Ticket:
    """Write down a ticket whose references are known to be good, and tell the world of it.

    `path` leads to the request's unit. Raises ConflictError when the source's record was taken.
    """
    day = f"{NUMBER_LETTERS[request.kind]}{now.astimezone(zone):%Y%m%d}-"
    values = _values(request, path, promised, now)
    ticket = await add_ticket(session, values, day=day, actor=actor, now=now)
    await tell(
        session,
        ticket,
        TicketCreated,
        now=now,
        created_at=ticket.created_at,
        first_response_due_at=ticket.first_response_due_at,
        resolution_due_at=ticket.resolution_due_at,
    )
    return ticket


def _values(
    request: TicketRequest, path: tuple[UUID, ...], promised: Promised, now: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": request.kind,
        "channel": request.channel,
        "priority": request.priority,
        "tier": Tier.L1,
        "state": State.NEW,
        "stage": Stage.ACCEPTED,
        "category_id": request.category_id,
        "org_unit_id": request.org_unit_id,
        "org_path": path,
        "customer_id": request.customer_id,
        "requester": request.requester,
        "subject": request.subject,
        "description": request.description,
        "source": request.source,
        "source_ref": request.source_ref,
        "created_at": now,
        "first_response_due_at": promised.first_response_due_at,
        "resolution_due_at": promised.resolution_due_at,
        "updated_at": now,
        "origin": request.origin,
        "recovers_ticket_id": request.recovers_ticket_id,
        "sequence": 1,
    }
