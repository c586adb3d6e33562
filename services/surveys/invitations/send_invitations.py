"""Ask for the notices of invitations and reminders that are due, and end what nobody answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.surveys.invitations.links import token_of
from services.surveys.invitations.queries import Invitation, change_invitation, lock_due
from services.surveys.invitations.rules import LIVE, Timing
from services.surveys.invitations.tables import invitations
from services.surveys.invitations.telling import tell
from services.surveys.invitations.vocabulary import REFERENCE, InvitationState
from shared.contracts.integrations import NotificationRequest
from shared.contracts.surveys import SurveyExpired
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.outbox.emit import Saying, send

BATCH: Final = 100
NOTICE_WORTH: Final = timedelta(days=1)
"""An invitation that arrives a day late asks about something half forgotten."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What sending works with."""

    vault: Vault
    timing: Timing
    public_url: str


async def send_due(session: Session, sending: Sending, *, now: datetime) -> int:
    """Send the invitations that are due; return how many."""
    due = (invitations.c.state == InvitationState.SCHEDULED) & (invitations.c.send_at <= now)
    found = await lock_due(session, due, since=invitations.c.send_at, limit=BATCH)
    for invitation in found:
        sent = await change_invitation(
            session,
            invitation,
            state=InvitationState.SENT,
            sent_at=now,
            remind_at=now + sending.timing.reminder,
            expires_at=now + sending.timing.expiry,
        )
        await _ask(session, sending, sent, "survey_invitation", now=now)
    return len(found)


async def remind_due(session: Session, sending: Sending, *, now: datetime) -> int:
    """Remind once those who have not answered; return how many."""
    due = (
        (invitations.c.state == InvitationState.SENT)
        & invitations.c.reminded_at.is_(None)
        & (invitations.c.remind_at <= now)
        & (invitations.c.expires_at > now)
    )
    found = await lock_due(session, due, since=invitations.c.remind_at, limit=BATCH)
    for invitation in found:
        reminded = await change_invitation(session, invitation, reminded_at=now)
        await _ask(session, sending, reminded, "survey_reminder", now=now)
    return len(found)


async def expire_due(session: Session, *, now: datetime) -> int:
    """End the invitations whose time is over; return how many."""
    due = (invitations.c.state == InvitationState.SENT) & (invitations.c.expires_at <= now)
    found = await lock_due(session, due, since=invitations.c.expires_at, limit=BATCH)
    for invitation in found:
        ended_at = invitation.expires_at or now
        expired = await change_invitation(
            session, invitation, said=1, state=InvitationState.EXPIRED, ended_at=ended_at
        )
        await tell(session, expired, SurveyExpired, now=ended_at, expired_at=ended_at)
    return len(found)


async def _ask(
    session: Session, sending: Sending, invitation: Invitation, template: str, *, now: datetime
) -> None:
    """Ask for the notice with the link; nobody is written to about what is not live."""
    if (
        invitation.origin != LIVE
        or invitation.customer_id is None
        or invitation.token_sealed is None
    ):
        return
    token = token_of(sending.vault, invitation.id, invitation.token_sealed)
    notice = NotificationRequest(
        notification_id=new_id(),
        customer_id=invitation.customer_id,
        template=template,
        parameters={"link": f"{sending.public_url}/s/{token}"},
        reference_kind=REFERENCE,
        reference_id=invitation.id,
        expires_at=now + NOTICE_WORTH,
    )
    await send(session, sending.vault, Saying(notice, invitation.id, invitation.sequence, now))
