"""Named reads and writes of responses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, text, tuple_, update

from services.surveys.invitations.tables import invitations
from services.surveys.responses.tables import responses
from services.surveys.responses.vocabulary import CallbackTime
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Given:
    """What a used link still needs to know of its response."""

    id: UUID
    low: bool
    callback_time: CallbackTime | None


@dataclass(frozen=True, slots=True)
class CallWish:
    """A customer who was let down and would like to be called."""

    id: UUID
    ticket_id: UUID
    cycle_no: int
    customer_id: UUID | None
    satisfaction: int | None
    solved: bool | None
    callback_time: CallbackTime
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """How often a question was answered with a value."""

    qid: str
    value: Any
    n: int


async def add_response(session: Session, values: dict[str, Any]) -> None:
    """Write a response; the database refuses a second one of the same invitation."""
    await session.execute(insert(responses).values(values))


async def response_of(session: Session, invitation_id: UUID) -> Given | None:
    """Return the response to an invitation."""
    row = (
        await session.execute(
            select(responses.c.id, responses.c.low, responses.c.callback_time).where(
                responses.c.invitation_id == invitation_id
            )
        )
    ).one_or_none()
    if row is None:
        return None
    time = None if row.callback_time is None else CallbackTime(row.callback_time)
    return Given(row.id, row.low, time)


async def write_callback(session: Session, response_id: UUID, time: CallbackTime) -> None:
    """Note when the customer would like to be called; the last wish counts."""
    await session.execute(
        update(responses).where(responses.c.id == response_id).values(callback_time=time)
    )


async def call_wishes(
    session: Session,
    visible: ColumnElement[bool],
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[CallWish]:
    """Return up to `limit` wishes to be called, the latest answers first."""
    stands = responses.c.withdrawn_at.is_(None)
    conditions = [visible, stands, responses.c.callback_time.is_not(None)]
    if before is not None:
        conditions.append(tuple_(responses.c.submitted_at, responses.c.id) < before)
    rows = await session.execute(
        select(
            responses.c.id,
            invitations.c.ticket_id,
            invitations.c.cycle_no,
            invitations.c.customer_id,
            responses.c.satisfaction,
            responses.c.solved,
            responses.c.callback_time,
            responses.c.submitted_at,
        )
        .join(invitations, invitations.c.id == responses.c.invitation_id)
        .where(*conditions)
        .order_by(responses.c.submitted_at.desc(), responses.c.id.desc())
        .limit(limit)
    )
    return [
        CallWish(**row._asdict() | {"callback_time": CallbackTime(row.callback_time)})
        for row in rows
    ]


async def count_answers(
    session: Session,
    code: str,
    visible: ColumnElement[bool],
    *,
    first: datetime | None,
    before: datetime | None,
) -> tuple[int, list[Count]]:
    """Return how many `visible` responses there are, and how often each answer.

    Texts are left out, and so is what was withdrawn.
    """
    stands = responses.c.withdrawn_at.is_(None)
    conditions = [visible, stands, responses.c.questionnaire == code]
    if first is not None:
        conditions.append(responses.c.submitted_at >= first)
    if before is not None:
        conditions.append(responses.c.submitted_at < before)
    given = responses.join(invitations, invitations.c.id == responses.c.invitation_id)
    total = await session.scalar(select(func.count()).select_from(given).where(*conditions))
    answer = func.jsonb_each(responses.c.answers).table_valued("key", "value").lateral("answer")
    rows = await session.execute(
        select(answer.c.key, answer.c.value, func.count())
        .select_from(given.join(answer, text("true")))
        .where(*conditions)
        .group_by(answer.c.key, answer.c.value)
    )
    return int(total or 0), [Count(qid, value, n) for qid, value, n in rows]
