"""A reopening takes back what is not sent yet; what was delivered stays answerable."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from services.surveys.invitations.queries import (
    Invitation,
    change_invitation,
    hold_cycles,
    lock_cycle,
)
from services.surveys.invitations.tables import reopened_cycles
from services.surveys.invitations.telling import tell
from services.surveys.invitations.vocabulary import CancelReason, InvitationState
from shared.contracts.surveys import SurveyCancelled
from shared.contracts.tickets import TicketReopened
from shared.correlation import Cause
from shared.database import Session
from shared.inbox.handlers import Received


async def cancel_after_reopening(session: Session, received: Received[TicketReopened]) -> None:
    """Note that the cycle before was reopened, whether or not its closing is heard of already."""
    reopened = received.data
    cycle_no = reopened.cycle_no - 1
    await hold_cycles(session, [(reopened.ticket_id, cycle_no)])
    await session.execute(
        insert(reopened_cycles)
        .values(ticket_id=reopened.ticket_id, cycle_no=cycle_no, reopened_at=reopened.reopened_at)
        .on_conflict_do_nothing()
    )
    invitation = await lock_cycle(session, reopened.ticket_id, cycle_no)
    if invitation is not None:
        await cancel_unsent(
            session, invitation, reopened_at=reopened.reopened_at, cause=received.cause
        )


async def cancel_unsent(
    session: Session, invitation: Invitation, *, reopened_at: datetime, cause: Cause
) -> None:
    """Cancel a locked invitation that is not sent yet; of any other only note the reopening."""
    if invitation.state is not InvitationState.SCHEDULED:
        await change_invitation(session, invitation, reopened_at=reopened_at)
        return
    await cancel_scheduled(
        session,
        invitation,
        reason=CancelReason.REOPENED,
        cancelled_at=reopened_at,
        cause=cause,
        reopened_at=reopened_at,
    )


async def cancel_scheduled(
    session: Session,
    invitation: Invitation,
    *,
    reason: CancelReason,
    cancelled_at: datetime,
    cause: Cause,
    **changes: Any,
) -> None:
    """Cancel a locked invitation that is not sent yet, and say so."""
    cancelled = await change_invitation(
        session,
        invitation,
        said=1,
        state=InvitationState.CANCELLED,
        reason=reason,
        ended_at=cancelled_at,
        **changes,
    )
    await tell(
        session,
        cancelled,
        SurveyCancelled,
        now=cancelled_at,
        cause=cause,
        reason=reason,
        cancelled_at=cancelled_at,
    )
