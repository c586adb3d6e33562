"""The demo's customers get their notices and answer, at their past instants."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from services.surveys.invitations.links import token_of
from services.surveys.invitations.rules import RECOVERY
from services.surveys.invitations.tables import invitations
from services.surveys.invitations.vocabulary import InvitationState
from services.surveys.questionnaires.shipped import COMPLAINT_HANDLING, RECOVERY_CHECK
from services.surveys.questionnaires.vocabulary import Language
from services.surveys.responses.submit_response import submit_response
from services.tickets.tickets.tables import tickets
from services.tickets.tickets.vocabulary import State
from shared.clock import utcnow
from shared.contracts.integrations import NotificationDelivered
from shared.database import Session
from shared.ids import new_id
from shared.messages.contract import Origin
from shared.outbox.emit import Saying, emit
from standalone.compose import System
from standalone.demo.live import SOURCE
from standalone.demo.plan import Answer, Life

LOOK_AGAIN_SECONDS: Final = 0.5
STANDSTILL_SECONDS: Final = 60
"""They come in tens a second; a minute without one means that nobody works on them."""

DELIVERED_AFTER: Final = timedelta(seconds=20)
ANSWERS_A_TRANSACTION: Final = 10


async def answer_surveys(system: System, plan: list[Life]) -> None:
    """Wait until every closing of the demo is invited, deliver and answer what was planned.

    Raises TimeoutError when the surveys stand still.
    """
    closed = await _closings(system)
    await answer_what_was_asked(
        system, {ticket_id: plan[number].answer for ticket_id, number in closed.items()}
    )


async def answer_what_was_asked(system: System, answers: Mapping[UUID, Answer | None]) -> None:
    """Wait until these closed tickets are asked about, deliver, and answer what has an answer.

    Raises TimeoutError when the surveys stand still.
    """
    await _all_invited(system, set(answers))
    sent = await _sent(system)
    await _deliver(system, [row for row in sent if row.delivered_at is None])
    await _all_delivered(system)
    answered = [(row, answer) for row in sent if (answer := answers.get(row.ticket_id))]
    for begin in range(0, len(answered), ANSWERS_A_TRANSACTION):
        async with system.databases["surveys"].transaction() as session:
            for row, answer in answered[begin : begin + ANSWERS_A_TRANSACTION]:
                await _answer(session, system, row, answer)
        await asyncio.sleep(0)


async def open_survey(system: System) -> str | None:
    """Return the token of an invitation to an ordinary form that nobody answered yet."""
    statement = (
        select(invitations.c.id, invitations.c.token_sealed)
        .where(invitations.c.state == InvitationState.SENT, invitations.c.kind != RECOVERY)
        .order_by(invitations.c.closed_at.desc())
        .limit(1)
    )
    async with system.databases["surveys"].transaction() as session:
        row = (await session.execute(statement)).one_or_none()
    return None if row is None else token_of(system.vaults["surveys"], row.id, row.token_sealed)


async def _closings(system: System) -> dict[UUID, int]:
    """Return the closed tickets of the demo with the number of their life."""
    statement = select(tickets.c.id, tickets.c.source_ref).where(
        tickets.c.source == SOURCE, tickets.c.state == State.CLOSED
    )
    async with system.databases["tickets"].transaction() as session:
        return {row.id: int(row.source_ref) for row in await session.execute(statement)}


async def _all_invited(system: System, closed: set[UUID]) -> None:
    """Wait until each closing has its row, and what shall be sent is sent."""

    async def missing() -> int:
        rows = await _invited(system, invitations.c.state != InvitationState.SCHEDULED)
        return len(closed - {row.ticket_id for row in rows})

    await come_to_nothing(missing, "closings without an invitation")


async def _all_delivered(system: System) -> None:
    """Wait until every delivery is noted: it locks many invitations, as answering does."""

    async def missing() -> int:
        undelivered = (invitations.c.state == InvitationState.SENT) & (
            invitations.c.delivered_at.is_(None)
        )
        return len(await _invited(system, undelivered))

    await come_to_nothing(missing, "invitations that did not arrive")


async def come_to_nothing(count: Callable[[], Awaitable[int]], what: str) -> None:
    """Wait until nothing is left to count. Raises TimeoutError when it becomes no less."""
    least, deadline = await count(), monotonic() + STANDSTILL_SECONDS
    while least:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
        left = await count()
        if left < least:
            least, deadline = left, monotonic() + STANDSTILL_SECONDS
        elif monotonic() > deadline:
            msg = f"the demo waits in vain: {left} {what}"
            raise TimeoutError(msg)


async def _sent(system: System) -> Sequence[Any]:
    answerable = (invitations.c.state == InvitationState.SENT) & (
        invitations.c.expires_at > utcnow()
    )
    return await _invited(system, answerable)


async def _invited(system: System, wanted: ColumnElement[bool]) -> Sequence[Any]:
    """Return the demo's invitations that are wanted, the oldest closing first."""
    statement = (
        select(invitations)
        .where(invitations.c.origin == Origin.DEMO, wanted)
        .order_by(invitations.c.closed_at)
    )
    async with system.databases["surveys"].transaction() as session:
        return (await session.execute(statement)).all()


async def _deliver(system: System, sent: list[Any]) -> None:
    """Say that the notices arrived: nobody writes to people who do not exist."""
    sayings = []
    for row in sent:
        delivered_at = row.closed_at + DELIVERED_AFTER
        notice = NotificationDelivered(
            notification_id=new_id(),
            template="survey_invitation",
            reference_kind="survey_invitation",
            reference_id=row.id,
            channel="demo",
            delivered_at=delivered_at,
        )
        sayings.append(Saying(notice, notice.notification_id, 1, delivered_at, Origin.DEMO))
    async with system.databases["integrations"].transaction() as session:
        await emit(session, *sayings)


async def _answer(session: Session, system: System, row: Any, answer: Answer) -> None:
    vault = system.vaults["surveys"]
    await submit_response(
        session,
        vault,
        token_of(vault, row.id, row.token_sealed),
        _given(row.questionnaire, answer),
        language=Language.ZH,
        now=_answered_at(row.closed_at, answer),
    )


def _answered_at(closed_at: datetime, answer: Answer) -> datetime:
    return closed_at + max(answer.after, DELIVERED_AFTER * 2)


def _given(questionnaire: str, answer: Answer) -> Mapping[str, Any]:
    if questionnaire == RECOVERY_CHECK:
        return {"overall": answer.satisfaction, "solved": answer.solved}
    if questionnaire == COMPLAINT_HANDLING:
        return {
            "result": answer.satisfaction,
            "solved": answer.solved,
            "recommend": answer.recommend,
            "comment": answer.comment,
        }
    return {
        "overall": answer.satisfaction,
        "contacted_again": not answer.solved,
        "recommend": answer.recommend,
        "suggestion": answer.comment,
    }
