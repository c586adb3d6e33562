"""Tell the world what a customer answered: scores in events, his words in a sealed letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.surveys.invitations.queries import Invitation, change_invitation
from services.surveys.invitations.rules import RECOVERY
from services.surveys.invitations.telling import tell
from services.surveys.questionnaires.rules import Scores
from services.surveys.questionnaires.vocabulary import Language
from shared.contracts.surveys import (
    CommentGiven,
    SurveyCallbackWanted,
    SurveyCompleted,
    SurveyLowScore,
)
from shared.crypto.vault import Vault
from shared.database import Session
from shared.outbox.emit import Saying, send


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer says, and when it was given."""

    response_id: UUID
    scores: Scores
    low: bool
    given_at: datetime

    @property
    def facts(self) -> dict[str, Any]:
        """Return what every event of an answer carries."""
        return {
            "response_id": self.response_id,
            "satisfaction": self.scores.satisfaction,
            "nps": self.scores.nps,
            "solved": self.scores.solved,
        }


async def tell_completed(
    session: Session, completed: Invitation, answer: Answer, *, after_reopen: bool
) -> None:
    """Tell of an answer; the invitation's sequence was raised for it."""
    await tell(
        session,
        completed,
        SurveyCompleted,
        now=answer.given_at,
        questionnaire=completed.questionnaire,
        low=answer.low,
        after_reopen=after_reopen,
        completed_at=answer.given_at,
        **answer.facts,
    )


async def call_for_recovery(session: Session, invitation: Invitation, answer: Answer) -> None:
    """Tell of an answer that calls for recovery; what a recovery itself gets calls for none."""
    if not answer.low or invitation.kind == RECOVERY:
        return
    alarming = await change_invitation(session, invitation, said=1)
    await tell(
        session,
        alarming,
        SurveyLowScore,
        now=answer.given_at,
        callback_wanted=False,
        completed_at=answer.given_at,
        **answer.facts,
    )


async def tell_callback(
    session: Session, invitation: Invitation, response_id: UUID, time: str, *, now: datetime
) -> None:
    """Tell that a customer who was let down would like to be called."""
    wishing = await change_invitation(session, invitation, said=1)
    await tell(
        session,
        wishing,
        SurveyCallbackWanted,
        now=now,
        response_id=response_id,
        callback_time=time,
        wanted_at=now,
    )


async def hand_on_words(
    session: Session,
    vault: Vault,
    invitation: Invitation,
    answer: Answer,
    *,
    words: Mapping[str, str],
    language: Language,
) -> None:
    """Write to `feedback` what the customer said in words, if he said anything."""
    if not words:
        return
    letter = CommentGiven(
        response_id=answer.response_id,
        ticket_id=invitation.ticket_id,
        cycle_no=invitation.cycle_no,
        customer_id=invitation.customer_id,
        kind=invitation.kind,
        channel=invitation.channel,
        category_id=invitation.category_id,
        org_unit_id=invitation.org_unit_id,
        org_path=invitation.org_path,
        language=language,
        satisfaction=answer.scores.satisfaction,
        nps=answer.scores.nps,
        low=answer.low,
        comments=dict(words),
        completed_at=answer.given_at,
    )
    origin, sequence = invitation.origin, invitation.sequence
    await send(
        session, vault, Saying(letter, answer.response_id, sequence, answer.given_at, origin)
    )
