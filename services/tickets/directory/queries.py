"""Named reads of units and staff."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from services.tickets.directory.rules import UnitKind
from services.tickets.directory.tables import org_units, staff
from shared.database import Session
from shared.errors import InvalidError, NotFoundError, StaleError
from shared.statements import Direct


@dataclass(frozen=True, slots=True)
class OrgUnit:
    """A unit of the organisation; `path` leads from the root to it, both included."""

    id: UUID
    parent_id: UUID | None
    kind: UnitKind
    name: str
    path: tuple[UUID, ...]
    valid_from: datetime
    valid_to: datetime | None
    version: int
    sequence: int


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One of our people, with the roles and teams that give the rights."""

    id: UUID
    name: str
    roles: tuple[str, ...]
    org_unit_ids: tuple[UUID, ...]
    active: bool
    version: int
    sequence: int


class UnknownUnitError(InvalidError):
    """A unit is named that does not exist, or no more."""

    def __init__(self) -> None:
        super().__init__("unknown_org_unit", "There is no such unit of the organisation.")


_PATH: Final = Direct(
    select(org_units.c.path).where(
        org_units.c.id == bindparam("unit_id"), org_units.c.valid_to.is_(None)
    )
)


async def all_units(session: Session) -> list[OrgUnit]:
    """Return the tree, parents before their children."""
    rows = await session.execute(select(org_units).order_by(org_units.c.path))
    return [_unit(row) for row in rows]


async def all_staff(session: Session) -> list[StaffMember]:
    """Return everybody by name, those who left included."""
    rows = await session.execute(select(staff).order_by(staff.c.name, staff.c.id))
    return [_member(row) for row in rows]


async def require_unit(session: Session, unit_id: UUID) -> OrgUnit:
    """Return a unit that exists now. Raises InvalidError when there is none."""
    row = (
        await session.execute(
            select(org_units).where(org_units.c.id == unit_id, org_units.c.valid_to.is_(None))
        )
    ).one_or_none()
    if row is None:
        raise UnknownUnitError
    return _unit(row)


async def path_of_unit(session: Session, unit_id: UUID | None) -> tuple[UUID, ...]:
    """Return the path to a unit, empty for None. Raises InvalidError when there is none."""
    if unit_id is None:
        return ()
    row = await _PATH.row(session, {"unit_id": unit_id})
    if row is None:
        raise UnknownUnitError
    return tuple(row.path)


async def require_member(session: Session, staff_id: UUID | None, unit_id: UUID) -> None:
    """Raise InvalidError unless the person is None or works in the unit or in one above it."""
    if staff_id is None:
        return
    path = await path_of_unit(session, unit_id)
    row = (
        await session.execute(select(staff).where(staff.c.id == staff_id, staff.c.active))
    ).one_or_none()
    if row is None or not set(row.org_unit_ids) & set(path):
        raise InvalidError("not_a_member", "That person does not work in this team.")


async def works_for(session: Session, staff_id: UUID, unit_id: UUID) -> bool:
    """Return whether one of our people works in a unit that exists now, or in one above it."""
    path = await session.scalar(
        select(org_units.c.path).where(org_units.c.id == unit_id, org_units.c.valid_to.is_(None))
    )
    units = await session.scalar(
        select(staff.c.org_unit_ids).where(staff.c.id == staff_id, staff.c.active)
    )
    return bool(set(path or ()) & set(units or ()))


async def lock_member(
    session: Session, staff_id: UUID, *, version: int | None = None
) -> StaffMember:
    """Return a member of staff, locked. Raises NotFoundError, or StaleError for an old version."""
    row = (
        await session.execute(select(staff).where(staff.c.id == staff_id).with_for_update())
    ).one_or_none()
    if row is None:
        raise NotFoundError("staff_not_found", "There is no such member of staff.")
    if version is not None and version != row.version:
        raise StaleError("stale_version", "The person was changed meanwhile.", version=row.version)
    return _member(row)


def _unit(row: Row[Any]) -> OrgUnit:
    return OrgUnit(**row._asdict() | {"kind": UnitKind(row.kind), "path": tuple(row.path)})


def _member(row: Row[Any]) -> StaffMember:
    values = {"roles": tuple(row.roles), "org_unit_ids": tuple(row.org_unit_ids)}
    return StaffMember(**row._asdict() | values)
