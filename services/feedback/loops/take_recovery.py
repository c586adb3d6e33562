"""Note in which ticket and cycle a case is handled."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import true

from services.feedback.loops.queries import change_case, lock_case
from services.feedback.loops.settle_case import settle_case
from shared.contracts.tickets import RecoveryTaken
from shared.crypto.vault import Vault
from shared.database import Session
from shared.inbox.handlers import Received
from shared.restores.epochs import unless_forgotten


def tickets_of(taken: RecoveryTaken) -> set[UUID]:
    """Return the tickets that must be held to take a recovery."""
    return {taken.ticket_id, taken.root_ticket_id}


async def take_recovery(
    session: Session, vault: Vault, received: Received[RecoveryTaken], *, now: datetime
) -> None:
    """Bind a case to its handling ticket, once; what was heard of that ticket counts from here.

    Raises NotFoundError for a case that was never opened here: the message is put aside. One that
    a restore forgot is opened anew from its answer, and recovered anew.
    """
    taken = received.data
    look = lock_case(session, taken.case_id, true())
    case = await unless_forgotten(session, look, taken.case_id, what="loop_case")
    if case is None or case.handling_ticket_id is not None:
        return
    case = await change_case(
        session,
        case,
        handling_ticket_id=taken.ticket_id,
        handling_cycle_no=taken.cycle_no,
        noted=taken.noted,
        taken_at=taken.taken_at,
    )
    await settle_case(session, vault, case, now=now, cause=received.cause)
