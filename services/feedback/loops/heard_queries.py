"""Writes what is heard about tickets and answers, and reads the course of a case from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from services.feedback.loops.heard_tables import (
    heard_answers,
    heard_call_wishes,
    heard_happenings,
    heard_restatements,
)
from services.feedback.loops.queries import LoopCase
from services.feedback.loops.rules import Answer, Contact, Course, Happening, Restatement, What
from services.feedback.loops.tables import loop_cases, loop_contacts, loop_scores
from shared.database import Session
from shared.privacy.tables import erased_customers


async def note_heard(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write down what was heard; what is written already stays as it is."""
    if rows:
        await session.execute(insert(table).values(list(rows)).on_conflict_do_nothing())


async def course_of(session: Session, case: LoopCase) -> Course:
    """Return all that was heard about a case."""
    return Course(
        opened_at=case.opened_at,
        handling_cycle_no=case.handling_cycle_no,
        happenings=await _happenings(session, case.handling_ticket_id),
        answers=await _answers(session, case),
        restatements=await _restatements(session, case.response_id),
        contacts=await _contacts(session, case.id),
    )


async def wish_of(session: Session, case: LoopCase) -> str | None:
    """Return when the customer would like to be called, by his last wish; none once erased."""
    erased = exists().where(erased_customers.c.customer_id == case.customer_id)
    wish: str | None = await session.scalar(
        select(heard_call_wishes.c.callback_time)
        .join(loop_scores, loop_scores.c.response_id == heard_call_wishes.c.response_id)
        .where(loop_scores.c.case_id == case.id, ~erased)
        .order_by(heard_call_wishes.c.at.desc(), heard_call_wishes.c.callback_time)
        .limit(1)
    )
    return wish


async def forget_heard(session: Session, *, before: datetime) -> None:
    """Forget what is older, unless an open case is about it."""
    for table in (heard_happenings, heard_answers):
        open_case = exists().where(
            loop_cases.c.closed_at.is_(None),
            or_(
                loop_cases.c.ticket_id == table.c.ticket_id,
                loop_cases.c.handling_ticket_id == table.c.ticket_id,
            ),
        )
        await session.execute(delete(table).where(table.c.at < before, ~open_case))
    for table in (heard_restatements, heard_call_wishes):
        of_a_case = exists().where(loop_scores.c.response_id == table.c.response_id)
        await session.execute(delete(table).where(table.c.at < before, ~of_a_case))


async def _happenings(session: Session, ticket_id: UUID | None) -> tuple[Happening, ...]:
    if ticket_id is None:
        return ()
    rows = await session.execute(
        select(heard_happenings.c.what, heard_happenings.c.cycle_no, heard_happenings.c.at).where(
            heard_happenings.c.ticket_id == ticket_id
        )
    )
    return tuple(Happening(What(row.what), row.cycle_no, row.at) for row in rows)


async def _answers(session: Session, case: LoopCase) -> tuple[Answer, ...]:
    if case.handling_ticket_id is None:
        return ()
    rows = await session.execute(
        select(heard_answers).where(
            heard_answers.c.ticket_id == case.handling_ticket_id,
            heard_answers.c.response_id != case.response_id,
        )
    )
    return tuple(
        Answer(row.response_id, row.cycle_no, row.satisfaction, row.solved, row.at) for row in rows
    )


async def _restatements(session: Session, response_id: UUID) -> tuple[Restatement, ...]:
    rows = await session.execute(
        select(heard_restatements).where(heard_restatements.c.response_id == response_id)
    )
    return tuple(Restatement(row.low, row.withdrawn, row.at) for row in rows)


async def _contacts(session: Session, case_id: UUID) -> tuple[Contact, ...]:
    rows = await session.execute(
        select(loop_contacts.c.reached, loop_contacts.c.at).where(
            loop_contacts.c.case_id == case_id
        )
    )
    return tuple(Contact(row.reached, row.at) for row in rows)
