"""Hear what customers say in surveys: each text is an item, and so is a low recommendation."""

from typing import Any, Final

from services.feedback.items.receive_item import Receiving, Voice, receive_item
from services.feedback.items.resurvey_queries import copy_answer
from services.feedback.items.vocabulary import (
    FeedbackKind,
    FeedbackMode,
    FeedbackSource,
)
from shared.auth.actor import SYSTEM
from shared.contracts.surveys import CommentGiven, SurveyCompleted
from shared.database import Session
from shared.inbox.handlers import Received
from shared.messages.contract import Origin

DETRACTOR: Final = 6
"""Who recommends us with 6 of 10 or less warns others of us."""

RECOMMENDATION: Final = "nps"

NO_NEWS: Final = frozenset({Origin.IMPORT, Origin.REPLAY})
"""What is told of the past fills copies; nobody has to answer it now."""


async def take_comments(
    session: Session, receiving: Receiving, received: Received[CommentGiven]
) -> None:
    """Make an item of every text, once; an imported history is no news."""
    said = received.data
    if received.envelope.origin in NO_NEWS:
        return
    for question, text in sorted(said.comments.items()):
        voice = Voice(
            **_about(said),
            source_ref=f"{said.response_id}:{question}",
            kind=FeedbackKind.OPINION,
            text=text,
            language=said.language,
            satisfaction=said.satisfaction,
            nps=said.nps,
            low=said.low,
        )
        await _receive(session, receiving, received, voice)


async def keep_answer(session: Session, received: Received[SurveyCompleted]) -> None:
    """Keep what the customer says of his ticket: it may prove that an item is settled."""
    said = received.data
    await copy_answer(
        session,
        response_id=said.response_id,
        ticket_id=said.ticket_id,
        satisfaction=said.satisfaction,
        solved=said.solved,
        completed_at=said.completed_at,
        epoch=received.envelope.epoch,
        sequence=received.envelope.sequence,
    )


async def take_score(
    session: Session, receiving: Receiving, received: Received[SurveyCompleted]
) -> None:
    """Make an item of a low recommendation; a low score opens a loop case instead."""
    said = received.data
    warns = said.nps is not None and said.nps <= DETRACTOR and not said.low
    if warns and received.envelope.origin not in NO_NEWS:
        voice = Voice(
            **_about(said),
            source_ref=f"{said.response_id}:{RECOMMENDATION}",
            kind=FeedbackKind.REVIEW,
            text=None,
            satisfaction=said.satisfaction,
            nps=said.nps,
        )
        await _receive(session, receiving, received, voice)


def _about(said: CommentGiven | SurveyCompleted) -> dict[str, Any]:
    """Return what a survey says of its ticket and its time."""
    return {
        "source": FeedbackSource.SURVEY_ANSWER,
        "mode": FeedbackMode.SOLICITED,
        "channel": said.channel,
        "received_at": said.completed_at,
        "customer_id": said.customer_id,
        "ticket_id": said.ticket_id,
        "cycle_no": said.cycle_no,
        "response_id": said.response_id,
        "category_id": said.category_id,
        "org_unit_id": said.org_unit_id,
        "org_path": said.org_path,
    }


async def _receive(
    session: Session,
    receiving: Receiving,
    received: Received[CommentGiven] | Received[SurveyCompleted],
    voice: Voice,
) -> None:
    await receive_item(
        session,
        receiving,
        voice,
        actor=SYSTEM,
        now=voice.received_at,
        origin=received.envelope.origin,
        cause=received.cause,
    )
