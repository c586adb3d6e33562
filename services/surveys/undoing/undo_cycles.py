"""Undo what came of a closing that never was: the ticket's owner was set back behind it.

The cycle is free for the closing that will come instead. What the customer wrote is not lost: it
went to feedback, and whoever was called stays called.
"""

from datetime import datetime
from uuid import UUID

from services.surveys.invitations.queries import hold_cycles
from services.surveys.undoing.queries import Cycle, delete_cycles, events_about
from shared.audit import audit
from shared.auth.actor import SYSTEM
from shared.database import Session
from shared.restores.epochs import present_epoch
from shared.restores.statements import say_void

NAME = "surveys"


async def undo_cycles(session: Session, cycles: dict[UUID, Cycle], *, now: datetime) -> None:
    """Delete invitations with their answers, and say that what was said of them does not hold.

    The link of such an invitation opens the page of a link that is none.
    """
    if not cycles:
        return
    await hold_cycles(session, cycles.values())
    said = await events_about(session, cycles.keys())
    undone = [row.id for row in await delete_cycles(session, cycles)]
    if undone:
        await say_void(session, NAME, said, epoch=await present_epoch(session), now=now)
    for invitation_id in undone:
        ticket_id, cycle_no = cycles[invitation_id]
        await audit(
            session,
            "invitation.undone",
            actor=SYSTEM,
            subject_kind="invitation",
            subject_id=invitation_id,
            now=now,
            ticket_id=str(ticket_id),
            cycle_no=cycle_no,
        )
