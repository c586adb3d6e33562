"""Invitations as the staff's front-ends see them; the link is the customer's alone."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.surveys.invitations.explain_rules import Course, Step, next_step, steps
from services.surveys.invitations.queries import Invitation
from services.surveys.invitations.vocabulary import (
    CANCEL_REASON_LABELS,
    INVITATION_STATE_LABELS,
    INVITATION_STEP_LABELS,
    SUPPRESS_REASON_LABELS,
    InvitationState,
    InvitationStep,
)


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


class StepOut(BaseModel):
    """Something that happened or will, with its words; `at` is null when no instant is known."""

    step: InvitationStep
    at: datetime | None
    zh: str
    en: str


class InvitationExplainOut(BaseModel):
    """Why an invitation is what it is: its state or the reason in words, and its way so far.

    `failed_because` is the code with which a notice came back.
    """

    id: UUID
    ticket_id: UUID
    cycle_no: int
    state: InvitationState
    reason: str | None
    zh: str
    en: str
    failed_because: str | None
    steps: list[StepOut]
    next: StepOut | None


def explain_out(invitation: Invitation) -> InvitationExplainOut:
    """Return an invitation as it is explained to staff."""
    course = Course(**{name: getattr(invitation, name) for name in Course.__dataclass_fields__})
    ahead = next_step(course)
    zh, en = _words(invitation)
    return InvitationExplainOut(
        id=invitation.id,
        ticket_id=invitation.ticket_id,
        cycle_no=invitation.cycle_no,
        state=invitation.state,
        reason=invitation.reason,
        zh=zh,
        en=en,
        failed_because=invitation.failed_because,
        steps=[_step_out(step) for step in steps(course)],
        next=None if ahead is None else _step_out(ahead),
    )


def _words(invitation: Invitation) -> tuple[str, str]:
    reasons = {str(code): words for code, words in SUPPRESS_REASON_LABELS.items()}
    reasons |= {str(code): words for code, words in CANCEL_REASON_LABELS.items()}
    return reasons.get(invitation.reason or "", INVITATION_STATE_LABELS[invitation.state])


def _step_out(step: Step) -> StepOut:
    zh, en = INVITATION_STEP_LABELS[step.step]
    return StepOut(step=step.step, at=step.at, zh=zh, en=en)
