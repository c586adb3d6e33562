"""The customer of a recovery is asked once, however often the recovery is closed."""

from services.surveys.invitations.cancel_after_reopening import cancel_unsent
from services.surveys.invitations.queries import lock_other_cycles
from services.surveys.invitations.vocabulary import InvitationState
from shared.contracts.tickets import TicketClosed
from shared.correlation import Cause
from shared.database import Session

ASKED = frozenset({InvitationState.SENT, InvitationState.COMPLETED, InvitationState.EXPIRED})


async def asked_in_another_cycle(session: Session, closed: TicketClosed, cause: Cause) -> bool:
    """Return whether the customer was, or will be, asked about another cycle of a recovery.

    A later closing proves that the earlier cycle was reopened, even if the reopening is not heard
    of yet: what is unsent of the earlier one is taken back, so that the later one is asked about.
    """
    asked = False
    for other in await lock_other_cycles(session, closed.ticket_id, closed.cycle_no):
        unsent = other.state is InvitationState.SCHEDULED
        if unsent and other.cycle_no < closed.cycle_no:
            await cancel_unsent(session, other, reopened_at=closed.resolved_at, cause=cause)
        else:
            asked = asked or unsent or other.state in ASKED
    return asked
