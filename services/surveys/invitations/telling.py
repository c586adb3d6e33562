"""Tell the world what became of the survey of a closed cycle."""

from datetime import datetime
from typing import Any

from services.surveys.invitations.queries import Invitation
from shared.contracts.surveys import SurveyEvent
from shared.correlation import Cause
from shared.database import Session
from shared.outbox.emit import Saying, emit


async def tell(
    session: Session,
    invitation: Invitation,
    event: type[SurveyEvent],
    *,
    now: datetime,
    cause: Cause | None = None,
    **data: Any,
) -> None:
    """Emit an event of an invitation; its sequence was raised with the change."""
    await emit(session, saying_of(invitation, event, now=now, cause=cause, **data))


def saying_of(
    invitation: Invitation,
    event: type[SurveyEvent],
    *,
    now: datetime,
    cause: Cause | None = None,
    **data: Any,
) -> Saying:
    """Return an event of an invitation as it is emitted, for who emits many at once."""
    content = event(
        invitation_id=invitation.id,
        ticket_id=invitation.ticket_id,
        cycle_no=invitation.cycle_no,
        customer_id=invitation.customer_id,
        kind=invitation.kind,
        channel=invitation.channel,
        category_id=invitation.category_id,
        org_unit_id=invitation.org_unit_id,
        org_path=invitation.org_path,
        priority=invitation.priority,
        tier=invitation.tier,
        closed_at=invitation.closed_at,
        **data,
    )
    return Saying(content, invitation.id, invitation.sequence, now, invitation.origin, cause)
