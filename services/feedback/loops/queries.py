"""Named reads, locks and writes of loop cases."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.feedback.loops.rules import nearest_due
from services.feedback.loops.tables import loop_cases, loop_contacts, loop_escalations, loop_scores
from shared.database import Session
from shared.errors import NotFoundError, StaleError
from shared.locks import LOOP, hold


@dataclass(frozen=True, slots=True)
class LoopCase:
    """A case as it stands; its dimensions are those of its root ticket as of the first answer."""

    id: UUID
    ticket_id: UUID
    cycle_no: int
    customer_id: UUID | None
    kind: str
    channel: str
    category_id: UUID | None
    org_unit_id: UUID | None
    org_path: tuple[UUID, ...]
    priority: str
    tier: str
    origin: str
    response_id: UUID
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    opened_at: datetime
    contact_due_at: datetime
    contacted_at: datetime | None
    contact_overdue_at: datetime | None
    result_due_at: datetime
    resulted_at: datetime | None
    result_overdue_at: datetime | None
    nearest_due_at: datetime
    level: int
    owner_id: UUID | None
    handling_ticket_id: UUID | None
    handling_cycle_no: int | None
    noted: bool | None
    taken_at: datetime | None
    verifying_since: datetime | None
    callback_time: str | None
    restated_at: datetime | None
    outcome: str | None
    close_reason: str | None
    closing_response_id: UUID | None
    closed_at: datetime | None
    closed_by: UUID | None
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    version: int
    sequence: int


CLOCKS = ("contact_due_at", "contacted_at", "result_due_at", "resulted_at", "closed_at")
"""What the nearest deadline follows from."""


async def hold_tickets(session: Session, ticket_ids: Collection[UUID]) -> None:
    """Let one transaction at a time hear of a ticket, also while no case has a row to lock.

    Without it a recovery and its first reply, taken by two workers, do not see each other.
    """
    await hold(session, LOOP, (str(one) for one in ticket_ids))


async def add_case(session: Session, values: dict[str, Any]) -> LoopCase | None:
    """Insert a case and return it, None when its root ticket has an open one."""
    clocks: dict[str, Any] = {name: values.get(name) for name in CLOCKS}
    statement = upsert(loop_cases).values(
        values | {"nearest_due_at": nearest_due(**clocks), "version": 1, "sequence": 1}
    )
    once = statement.on_conflict_do_nothing(
        index_elements=["ticket_id"], index_where=loop_cases.c.closed_at.is_(None)
    )
    row = (await session.execute(once.returning(loop_cases))).one_or_none()
    return None if row is None else case_of(row)


async def lock_case(
    session: Session,
    case_id: UUID,
    visible: ColumnElement[bool],
    *,
    version: int | None = None,
) -> LoopCase:
    """Return a case, locked until the transaction ends.

    Raises NotFoundError when it is not there or not `visible`, StaleError when `version` is given
    and is no longer the present one.
    """
    statement = select(loop_cases).where(loop_cases.c.id == case_id, visible)
    case = _found((await session.execute(statement.with_for_update())).one_or_none())
    if version is not None and version != case.version:
        raise StaleError("stale_version", "The case was changed meanwhile.", version=case.version)
    return case


async def get_case(session: Session, case_id: UUID, visible: ColumnElement[bool]) -> LoopCase:
    """Return a case. Raises NotFoundError when it is not there or not `visible`."""
    statement = select(loop_cases).where(loop_cases.c.id == case_id, visible)
    return _found((await session.execute(statement)).one_or_none())


async def lock_case_for_answer(
    session: Session, ticket_id: UUID, response_id: UUID
) -> LoopCase | None:
    """Return the case that a low answer belongs to, locked, None when it opens one.

    That is its root's open case, or the one that this very answer closed.
    """
    statement = select(loop_cases).where(
        or_(
            (loop_cases.c.ticket_id == ticket_id) & loop_cases.c.closed_at.is_(None),
            loop_cases.c.closing_response_id == response_id,
        )
    )
    first = statement.order_by(loop_cases.c.closing_response_id.is_(None)).limit(1)
    row = (await session.execute(first.with_for_update())).one_or_none()
    return None if row is None else case_of(row)


async def lock_cases_about(session: Session, ticket_ids: Collection[UUID]) -> list[LoopCase]:
    """Return the cases whose root or handling ticket is one of these, locked."""
    rows = await session.execute(
        select(loop_cases)
        .where(
            or_(
                loop_cases.c.ticket_id.in_(ticket_ids),
                loop_cases.c.handling_ticket_id.in_(ticket_ids),
            )
        )
        .order_by(loop_cases.c.id)
        .with_for_update()
    )
    return [case_of(row) for row in rows]


async def lock_due(
    session: Session, due: ColumnElement[bool], *, since: ColumnElement[datetime], limit: int
) -> list[LoopCase]:
    """Return up to `limit` cases that are due, passing over those another worker holds.

    Those that are due longest come first: in the order of ids the planner reads the whole table.
    """
    rows = await session.execute(
        select(loop_cases).where(due).order_by(since).limit(limit).with_for_update(skip_locked=True)
    )
    return [case_of(row) for row in rows]


async def change_case(
    session: Session, case: LoopCase, *, said: int = 0, **changes: Any
) -> LoopCase:
    """Write changes of a locked case; its sequence rises by how many events are said of it."""
    clocks = {name: changes.get(name, getattr(case, name)) for name in CLOCKS}
    changed = (
        update(loop_cases)
        .where(loop_cases.c.id == case.id)
        .values(
            changes
            | {
                "nearest_due_at": nearest_due(**clocks),
                "version": loop_cases.c.version + 1,
                "sequence": loop_cases.c.sequence + said,
            }
        )
        .returning(loop_cases)
    )
    return case_of((await session.execute(changed)).one())


async def is_known_score(session: Session, response_id: UUID) -> bool:
    """Return whether a low answer was heard of before."""
    known = select(loop_scores.c.case_id).where(loop_scores.c.response_id == response_id)
    return await session.scalar(known) is not None


async def add_score(session: Session, values: dict[str, Any]) -> None:
    """Write down a low answer of a case."""
    await session.execute(insert(loop_scores).values(values))


async def add_contact(session: Session, values: dict[str, Any]) -> None:
    """Write a line of the contact log."""
    await session.execute(insert(loop_contacts).values(values))


async def add_escalation(session: Session, values: dict[str, Any]) -> None:
    """Write down that a case was raised to a level."""
    await session.execute(insert(loop_escalations).values(values))


def case_of(row: Row[Any]) -> LoopCase:
    """Return a row as the use cases know it."""
    values = {field.name: getattr(row, field.name) for field in fields(LoopCase)}
    return LoopCase(**values | {"org_path": tuple(row.org_path)})


def _found(row: Row[Any] | None) -> LoopCase:
    if row is None:
        raise NotFoundError("loop_case_not_found", "There is no such case.")
    return case_of(row)
