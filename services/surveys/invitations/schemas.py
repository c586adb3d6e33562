"""Invitations as the staff's front-ends see them; the link is the customer's alone."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.surveys.invitations.queries import Invitation
from services.surveys.invitations.vocabulary import InvitationState


class InvitationOut(BaseModel):
    """What became of the survey of a closed cycle; `reason` says why it was not sent."""

    id: UUID
    ticket_id: UUID
    cycle_no: int
    state: InvitationState
    reason: str | None
    questionnaire: str | None
    version_no: int | None
    kind: str
    org_unit_id: UUID | None
    closed_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    failed_because: str | None
    opened_at: datetime | None
    reminded_at: datetime | None
    expires_at: datetime | None
    reopened_at: datetime | None
    ended_at: datetime | None


def invitation_out(invitation: Invitation) -> InvitationOut:
    """Return an invitation as it is shown to staff."""
    return InvitationOut.model_validate(invitation, from_attributes=True)
