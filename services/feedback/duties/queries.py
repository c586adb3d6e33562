"""Named reads and writes of duties, and who answers for what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, cast, func, insert, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from services.feedback.duties.rules import Desk, Duty, owner_at
from services.feedback.duties.tables import category_copy, duties
from shared.auth.actor import Role
from shared.auth.directory import org_unit_copy, staff_copy
from shared.contracts.tickets import CategoryChanged
from shared.database import Session
from shared.errors import InvalidError, NotFoundError
from shared.locks import DUTIES


@dataclass(frozen=True, slots=True)
class KeptDuty:
    """A duty as it is kept; `valid_to` is None while it stands."""

    id: UUID
    category_id: UUID | None
    org_unit_id: UUID | None
    responsible_id: UUID
    deputy_id: UUID | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Category:
    """A category as it was told last; `path` leads from its top category to itself."""

    id: UUID
    code: str
    path: tuple[UUID, ...]


async def owner_for(
    session: Session, *, category_id: UUID | None, org_path: Sequence[UUID], level: int = 1
) -> UUID | None:
    """Return who answers for something at a level, None while nobody at all is known."""
    categories = await category_path(session, category_id)
    desk = await _desk(session, categories, org_path)
    return owner_at(desk, categories=categories, units=org_path, level=level)


async def category_path(session: Session, category_id: UUID | None) -> tuple[UUID, ...]:
    """Return the path to a category; one that was not told yet stands alone."""
    if category_id is None:
        return ()
    path = await session.scalar(
        select(category_copy.c.path).where(category_copy.c.category_id == category_id)
    )
    return tuple(path or ()) or (category_id,)


async def categories_by_code(session: Session) -> dict[str, Category]:
    """Return the categories in use by their code."""
    rows = await session.execute(
        select(category_copy.c.category_id, category_copy.c.code, category_copy.c.path).where(
            category_copy.c.active
        )
    )
    return {row.code: Category(row.category_id, row.code, tuple(row.path)) for row in rows}


async def category_code(session: Session, category_id: UUID) -> str | None:
    """Return the code of a category."""
    return await session.scalar(
        select(category_copy.c.code).where(category_copy.c.category_id == category_id)
    )


async def require_known(
    session: Session,
    *,
    category_id: UUID | None = None,
    org_unit_id: UUID | None = None,
    staff: Collection[UUID] = (),
) -> tuple[UUID, ...]:
    """Return the path to the unit. Raises InvalidError for what the directory does not know."""
    category = category_copy.c.category_id
    if category_id is not None and not await session.scalar(
        select(category_copy.c.active).where(category == category_id)
    ):
        raise InvalidError("unknown_category", "There is no such category in use.")
    known = select(func.count()).where(staff_copy.c.staff_id.in_(staff), staff_copy.c.active)
    if await session.scalar(known) != len(set(staff)):
        raise InvalidError("unknown_staff", "Somebody named here does not work here.")
    if org_unit_id is None:
        return ()
    path = await session.scalar(
        select(org_unit_copy.c.path).where(org_unit_copy.c.org_unit_id == org_unit_id)
    )
    if path is None:
        raise InvalidError("unknown_org_unit", "There is no such unit.")
    return tuple(path)


async def live_duties(session: Session) -> list[KeptDuty]:
    """Return the duties that stand, the oldest first."""
    rows = await session.execute(
        select(duties).where(duties.c.valid_to.is_(None)).order_by(duties.c.valid_from, duties.c.id)
    )
    return [KeptDuty(**row._asdict()) for row in rows]


async def replace_duty(session: Session, duty: KeptDuty) -> KeptDuty | None:
    """Write a duty down in the place of the one for the same category and unit; return that."""
    # without the lock two who name somebody for the same at once would meet in the index
    await session.execute(select(func.pg_advisory_xact_lock(DUTIES)))
    same = (
        duties.c.valid_to.is_(None),
        duties.c.category_id.is_not_distinct_from(duty.category_id),
        duties.c.org_unit_id.is_not_distinct_from(duty.org_unit_id),
    )
    ended = update(duties).where(*same).values(valid_to=duty.valid_from).returning(duties)
    former = (await session.execute(ended)).one_or_none()
    await session.execute(
        insert(duties).values({field.name: getattr(duty, field.name) for field in fields(KeptDuty)})
    )
    return None if former is None else KeptDuty(**former._asdict())


async def close_duty(session: Session, duty_id: UUID, *, now: datetime) -> KeptDuty:
    """End a duty; one that ended before stays as it is. Raises NotFoundError."""
    ended = (
        update(duties)
        .where(duties.c.id == duty_id)
        .values(valid_to=func.coalesce(duties.c.valid_to, now))
    )
    row = (await session.execute(ended.returning(duties))).one_or_none()
    if row is None:
        raise NotFoundError("duty_not_found", "There is no such duty.")
    return KeptDuty(**row._asdict())


async def copy_category(
    session: Session, category: CategoryChanged, *, epoch: int, sequence: int
) -> None:
    """Write a category's state into the copy unless a newer one stands there."""
    values: dict[str, Any] = category.model_dump() | {"epoch": epoch, "sequence": sequence}
    values["path"] = list(category.path or (category.category_id,))
    statement = upsert(category_copy).values(values)
    new = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["category_id"],
            set_={name: new[name] for name in values},
            where=tuple_(category_copy.c.epoch, category_copy.c.sequence)
            < tuple_(new.epoch, new.sequence),
        )
    )


async def _desk(session: Session, categories: Sequence[UUID], units: Sequence[UUID]) -> Desk:
    """Return who may be asked about something in these categories and units."""
    found = await session.execute(
        select(
            duties.c.category_id,
            duties.c.org_unit_id,
            duties.c.responsible_id,
            duties.c.deputy_id,
        ).where(
            duties.c.valid_to.is_(None),
            or_(duties.c.category_id.is_(None), duties.c.category_id.in_(categories)),
            or_(duties.c.org_unit_id.is_(None), duties.c.org_unit_id.in_(units)),
        )
    )
    fitting = [Duty(**row._asdict()) for row in found]
    named = {who for duty in fitting for who in (duty.responsible_id, duty.deputy_id)}
    works_there = staff_copy.c.org_unit_ids.op("&&", is_comparison=True)(
        cast(list(units), ARRAY(Uuid))
    )
    leads = (literal(Role.SUPERVISOR, Text) == any_(staff_copy.c.roles)) & works_there
    manages = literal(Role.MANAGER, Text) == any_(staff_copy.c.roles)
    known = staff_copy.c.staff_id.in_([who for who in named if who is not None])
    people = (
        await session.execute(
            select(staff_copy).where(staff_copy.c.active, or_(leads, manages, known))
        )
    ).all()
    return Desk(
        duties=fitting,
        at_work=frozenset(one.staff_id for one in people),
        supervisors={
            one.staff_id: frozenset(one.org_unit_ids)
            for one in people
            if Role.SUPERVISOR in one.roles
        },
        managers=frozenset(one.staff_id for one in people if Role.MANAGER in one.roles),
    )
