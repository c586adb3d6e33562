"""Make a team, and perhaps a person in it, responsible for a ticket."""

from datetime import datetime
from uuid import UUID

from services.tickets.directory.queries import path_of_unit, require_member
from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.telling import tell
from services.tickets.tickets.vocabulary import Move
from shared.auth.actor import Actor
from shared.contracts.tickets import TicketAssigned
from shared.database import Session


async def assign_ticket(
    session: Session,
    ticket: Ticket,
    *,
    org_unit_id: UUID,
    assignee_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> Ticket:
    """Assign a locked ticket. Raises InvalidError for a unit or member that does not exist."""
    path = await path_of_unit(session, org_unit_id)
    await require_member(session, assignee_id, org_unit_id)
    assigned = await change_ticket(
        session,
        ticket,
        Move.ASSIGN,
        actor=actor,
        now=now,
        said=1,
        org_unit_id=org_unit_id,
        org_path=path,
        assignee_id=assignee_id,
    )
    await tell(session, assigned, TicketAssigned, now=now, assignee_id=assignee_id, assigned_at=now)
    return assigned
