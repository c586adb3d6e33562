"""Take a loop case: an ended ticket gets a recovery ticket, one that is open again a note."""

from datetime import datetime
from typing import Any

from services.tickets.conversation.queries import add_message
from services.tickets.conversation.vocabulary import Visibility
from services.tickets.directory.queries import works_for
from services.tickets.recovery.queries import add_case, is_taken
from services.tickets.recovery.rules import (
    ENDED,
    Verdict,
    description_of,
    note_on_ended,
    note_to_handle,
    subject_of,
)
from services.tickets.tickets.assign_ticket import assign_ticket
from services.tickets.tickets.move_queries import change_ticket
from services.tickets.tickets.open_ticket import Intake, Promised, TicketRequest, record_ticket
from services.tickets.tickets.queries import Ticket, lock_ticket
from services.tickets.tickets.sight_queries import EVERYTHING
from services.tickets.tickets.telling import notify_customer, tell
from services.tickets.tickets.vocabulary import Kind, Move, Priority
from shared.audit import audit
from shared.auth.actor import SYSTEM
from shared.contracts.feedback import LoopOpened
from shared.contracts.tickets import RecoveryTaken
from shared.crypto.vault import Vault
from shared.database import Session
from shared.restores.epochs import unless_forgotten

SOURCE = "feedback"
"""With the case's id as reference: a case that is heard of twice has one ticket."""


async def take_recovery(
    session: Session, vault: Vault, loop: LoopOpened, *, intake: Intake, origin: str
) -> None:
    """Handle a loop case once. Raises NotFoundError when its root ticket was never known here.

    The business time is that of the case, which may be handled later, but not before the last
    change of the root ticket.
    """
    look = lock_ticket(session, loop.ticket_id, EVERYTHING)
    root = await unless_forgotten(session, look, loop.ticket_id, what="ticket")
    if root is None:
        await _pass_over(session, loop)
        return
    if await is_taken(session, loop.case_id):
        return
    now = max(loop.opened_at, root.updated_at)
    verdict = Verdict(loop.satisfaction, loop.solved, loop.contact_due_at, loop.result_due_at)
    told = note_to_handle(root.number, verdict, intake.zone)
    ended = root.state in ENDED
    if ended:
        handling = await _open(session, vault, root, loop, intake=intake, origin=origin, now=now)
        pointer = note_on_ended(handling.number)
        await _note(session, root, pointer, now=now, loop=loop, recovery_ticket_id=handling.id)
    else:
        handling = root
    handling = await _note(session, handling, told, now=now, loop=loop, said=1)
    await add_case(session, handling, case_id=loop.case_id, root_ticket_id=root.id, now=now)
    await tell(
        session,
        handling,
        RecoveryTaken,
        now=now,
        case_id=loop.case_id,
        root_ticket_id=root.id,
        noted=not ended,
        taken_at=now,
    )


async def _pass_over(session: Session, loop: LoopOpened) -> None:
    """Note a case about a ticket that was forgotten by a restore; people close it in feedback."""
    await audit(
        session,
        "recovery.passed_over",
        actor=SYSTEM,
        subject_kind="loop_case",
        subject_id=loop.case_id,
        now=loop.opened_at,
        ticket_id=str(loop.ticket_id),
    )


async def _open(
    session: Session,
    vault: Vault,
    root: Ticket,
    loop: LoopOpened,
    *,
    intake: Intake,
    origin: str,
    now: datetime,
) -> Ticket:
    """Open the recovery ticket in the place of its root, promised what the case promises."""
    ticket = await record_ticket(
        session,
        _request(root, loop, origin),
        path=root.org_path,
        promised=Promised(loop.contact_due_at, loop.result_due_at),
        zone=intake.zone,
        actor=SYSTEM,
        now=now,
    )
    await notify_customer(
        session,
        vault,
        ticket,
        "recovery_begun",
        now=now,
        root_number=root.number,
        contact_due_at=loop.contact_due_at.isoformat(),
    )
    return await _assign(session, ticket, loop, now=now)


def _request(root: Ticket, loop: LoopOpened, origin: str) -> TicketRequest:
    return TicketRequest(
        kind=Kind.RECOVERY,
        channel=root.channel,
        subject=subject_of(root.number),
        description=description_of(root.number),
        customer_id=root.customer_id,
        priority=Priority.HIGH,
        category_id=root.category_id,
        org_unit_id=root.org_unit_id,
        source=SOURCE,
        source_ref=str(loop.case_id),
        origin=origin,
        recovers_ticket_id=root.id,
    )


async def _assign(session: Session, ticket: Ticket, loop: LoopOpened, *, now: datetime) -> Ticket:
    """Give a recovery ticket to the case's owner if he works there; else the team finds it."""
    unit_id, owner_id = ticket.org_unit_id, loop.owner_id
    if unit_id is None or owner_id is None or not await works_for(session, owner_id, unit_id):
        return ticket
    return await assign_ticket(
        session, ticket, org_unit_id=unit_id, assignee_id=owner_id, actor=SYSTEM, now=now
    )


async def _note(
    session: Session, ticket: Ticket, body: str, *, loop: LoopOpened, now: datetime, **changes: Any
) -> Ticket:
    """Write an internal note that names the case; `changes` are those of `change_ticket`."""
    noted = await change_ticket(
        session,
        ticket,
        Move.NOTE,
        actor=SYSTEM,
        now=now,
        message_count=ticket.message_count + 1,
        loop_case_id=loop.case_id,
        **changes,
    )
    await add_message(session, noted, body, Visibility.INTERNAL, actor=SYSTEM, now=now)
    return noted
