"""What items hear of: words in surveys, scores, and what became of answers."""

from collections.abc import Sequence
from typing import TypeVar

from services.feedback.items.hear_customer_grade import hear_customer_grade
from services.feedback.items.hear_survey import keep_answer, take_comments, take_score
from services.feedback.items.receive_item import Receiving
from services.feedback.items.reply_queries import note_delivery
from services.feedback.items.reply_to_customer import REPLY_REFERENCE
from services.feedback.items.resurvey_queries import copy_answer, link_recovery, withdrawn_among
from services.feedback.items.vocabulary import ReplyDelivery
from services.feedback.items.word_queries import erase_item_words, items_from
from shared.contracts.integrations import NotificationDelivered, NotificationFailed
from shared.contracts.surveys import CommentGiven, SurveyCompleted, SurveyResponseRestated
from shared.contracts.tickets import CustomerChanged, RecoveryTaken
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on
from shared.locks import ANSWER, hold
from shared.privacy.tombstones import erased_among

Survey = TypeVar("Survey", CommentGiven, SurveyCompleted)


def item_handlers(receiving: Receiving) -> tuple[Handler, ...]:
    """Return the handlers; a batch is handled in one order, against deadlocks."""

    async def comments(session: Session, received: Sequence[Received[CommentGiven]]) -> None:
        answers = {one.data.response_id for one in received}
        await hold(session, ANSWER, map(str, answers))
        erased = await erased_among(session, (one.data.customer_id for one in received))
        withdrawn = await withdrawn_among(session, answers)
        for one in _in_order(received):
            if one.data.customer_id not in erased and one.data.response_id not in withdrawn:
                await take_comments(session, receiving, one)

    async def scores(session: Session, received: Sequence[Received[SurveyCompleted]]) -> None:
        erased = await erased_among(session, (one.data.customer_id for one in received))
        for one in _in_order(received):
            await keep_answer(session, one)
            if one.data.customer_id not in erased:
                await take_score(session, receiving, one)

    async def grades(session: Session, received: Sequence[Received[CustomerChanged]]) -> None:
        for one in sorted(received, key=lambda r: r.data.customer_id):
            await hear_customer_grade(session, one, terms=receiving.terms)

    return (
        on(CommentGiven, comments),
        on(SurveyCompleted, scores),
        on(CustomerChanged, grades),
        on(SurveyResponseRestated, _restated),
        on(RecoveryTaken, _recovered),
        on(NotificationDelivered, _delivered),
        on(NotificationFailed, _failed),
    )


def _in_order(
    received: Sequence[Received[Survey]],
) -> list[Received[Survey]]:
    return sorted(received, key=lambda r: (str(r.data.customer_id), r.data.response_id))


async def _restated(session: Session, received: Sequence[Received[SurveyResponseRestated]]) -> None:
    """Let the newest word about an answer count; who takes it back takes his words along."""
    withdrawn = {one.data.response_id for one in received if one.data.withdrawn}
    await hold(session, ANSWER, map(str, withdrawn))
    await erase_item_words(session, await items_from(session, withdrawn))
    for one in sorted(received, key=lambda r: r.data.response_id):
        said = one.data
        await copy_answer(
            session,
            response_id=said.response_id,
            ticket_id=said.ticket_id,
            satisfaction=said.satisfaction,
            solved=said.solved,
            withdrawn=said.withdrawn,
            completed_at=said.restated_at,
            epoch=one.envelope.epoch,
            sequence=one.envelope.sequence,
        )


async def _recovered(session: Session, received: Sequence[Received[RecoveryTaken]]) -> None:
    for one in sorted(received, key=lambda r: r.data.ticket_id):
        await link_recovery(session, one.data.ticket_id, one.data.root_ticket_id)


async def _delivered(session: Session, received: Sequence[Received[NotificationDelivered]]) -> None:
    for one in sorted(received, key=lambda r: r.data.reference_id):
        if one.data.reference_kind == REPLY_REFERENCE:
            await note_delivery(
                session,
                one.data.notification_id,
                delivery=ReplyDelivery.DELIVERED,
                delivered_by=one.data.channel,
                delivered_at=one.data.delivered_at,
            )


async def _failed(session: Session, received: Sequence[Received[NotificationFailed]]) -> None:
    for one in sorted(received, key=lambda r: r.data.reference_id):
        if one.data.reference_kind == REPLY_REFERENCE:
            await note_delivery(
                session,
                one.data.notification_id,
                delivery=ReplyDelivery.FAILED,
                failed_because=one.data.reason,
            )
