"""The worklist, and what stands around one case: its scores, contacts and escalations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from services.feedback.loops.heard_tables import heard_restatements
from services.feedback.loops.queries import LoopCase, case_of
from services.feedback.loops.tables import (
    loop_cases,
    loop_contacts,
    loop_escalations,
    loop_scores,
)
from services.feedback.loops.vocabulary import LoopOutcome, LoopState
from shared.database import Session

OPEN = loop_cases.c.closed_at.is_(None)

TO_ACKNOWLEDGE = and_(
    loop_cases.c.outcome == LoopOutcome.NOT_RECOVERED, loop_cases.c.acknowledged_at.is_(None)
)

OF_STATE = {
    LoopState.OPEN: and_(
        OPEN, loop_cases.c.contacted_at.is_(None), loop_cases.c.verifying_since.is_(None)
    ),
    LoopState.CONTACTED: and_(
        OPEN, loop_cases.c.contacted_at.is_not(None), loop_cases.c.verifying_since.is_(None)
    ),
    LoopState.VERIFYING: and_(OPEN, loop_cases.c.verifying_since.is_not(None)),
    LoopState.CLOSED: loop_cases.c.closed_at.is_not(None),
}


@dataclass(frozen=True, slots=True)
class LoopFilter:
    """What the worklist is asked for; None leaves it open."""

    state: LoopState | None = None
    owner: UUID | Literal["me"] | None = None
    overdue: bool | None = None
    needs_acknowledgement: bool | None = None
    ticket_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A low answer of a case, and what stands in its place if it was restated."""

    response_id: UUID
    cycle_no: int
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    completed_at: datetime
    restated_at: datetime | None
    withdrawn: bool | None
    restated_satisfaction: int | None
    restated_solved: bool | None


@dataclass(frozen=True, slots=True)
class LoggedContact:
    """A line of the contact log; its note is sealed."""

    id: UUID
    means: str
    reached: bool
    note_sealed: str | None
    staff_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Escalation:
    """A step upwards; nobody's when a clock or a verdict took it."""

    level: int
    reason: str
    owner_id: UUID | None
    staff_id: UUID | None
    at: datetime


async def worklist_page(
    session: Session,
    wanted: LoopFilter,
    visible: ColumnElement[bool],
    *,
    me: UUID | None,
    now: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[LoopCase]:
    """Return up to `limit` cases, the nearest running deadline first.

    Without a state, those that somebody still has to do something with.
    """
    conditions = [visible, or_(OPEN, TO_ACKNOWLEDGE)]
    if wanted.state is not None:
        conditions = [visible, OF_STATE[wanted.state]]
    if wanted.owner is not None:
        conditions.append(loop_cases.c.owner_id == (me if wanted.owner == "me" else wanted.owner))
    if wanted.ticket_id is not None:
        conditions.append(loop_cases.c.ticket_id == wanted.ticket_id)
    if wanted.overdue is not None:
        late = loop_cases.c.nearest_due_at < now
        conditions.append(late if wanted.overdue else ~late)
    if wanted.needs_acknowledgement is not None:
        conditions.append(TO_ACKNOWLEDGE if wanted.needs_acknowledgement else ~TO_ACKNOWLEDGE)
    order = (loop_cases.c.nearest_due_at, loop_cases.c.id)
    if after is not None:
        conditions.append(tuple_(*order) > after)
    rows = await session.execute(
        select(loop_cases).where(*conditions).order_by(*order).limit(limit)
    )
    return [case_of(row) for row in rows]


async def scores_of(session: Session, case_id: UUID) -> list[Score]:
    """Return the low answers of a case, the first one first, each as it was restated last."""
    restated = heard_restatements.alias()
    newest = (
        select(func.max(restated.c.at))
        .where(restated.c.response_id == loop_scores.c.response_id)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(
            loop_scores.c.response_id,
            loop_scores.c.cycle_no,
            loop_scores.c.satisfaction,
            loop_scores.c.nps,
            loop_scores.c.solved,
            loop_scores.c.completed_at,
            heard_restatements.c.at.label("restated_at"),
            heard_restatements.c.withdrawn,
            heard_restatements.c.satisfaction.label("restated_satisfaction"),
            heard_restatements.c.solved.label("restated_solved"),
        )
        .select_from(loop_scores)
        .outerjoin(
            heard_restatements,
            and_(
                heard_restatements.c.response_id == loop_scores.c.response_id,
                heard_restatements.c.at == newest,
            ),
        )
        .where(loop_scores.c.case_id == case_id)
        .order_by(loop_scores.c.completed_at, loop_scores.c.response_id)
    )
    return [Score(**row._asdict()) for row in rows]


async def contacts_of(session: Session, case_id: UUID) -> list[LoggedContact]:
    """Return the contact log of a case, oldest first."""
    rows = await session.execute(
        select(
            loop_contacts.c.id,
            loop_contacts.c.means,
            loop_contacts.c.reached,
            loop_contacts.c.note_sealed,
            loop_contacts.c.staff_id,
            loop_contacts.c.at,
        )
        .where(loop_contacts.c.case_id == case_id)
        .order_by(loop_contacts.c.at, loop_contacts.c.id)
    )
    return [LoggedContact(**row._asdict()) for row in rows]


async def escalations_of(session: Session, case_id: UUID) -> list[Escalation]:
    """Return the steps upwards of a case, oldest first."""
    rows = await session.execute(
        select(
            loop_escalations.c.level,
            loop_escalations.c.reason,
            loop_escalations.c.owner_id,
            loop_escalations.c.staff_id,
            loop_escalations.c.at,
        )
        .where(loop_escalations.c.case_id == case_id)
        .order_by(loop_escalations.c.level)
    )
    return [Escalation(**row._asdict()) for row in rows]
