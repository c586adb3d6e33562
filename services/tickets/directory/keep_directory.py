"""Add units, add and change staff; whoever checks rights hears of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, update

from services.tickets.directory.queries import (
    OrgUnit,
    StaffMember,
    lock_member,
    require_unit,
)
from services.tickets.directory.rules import UnitKind, check_level, path_below
from services.tickets.directory.tables import org_units, staff
from shared.audit import audit
from shared.auth.actor import Actor
from shared.auth.directory import copy_org_unit, copy_staff
from shared.changes import difference
from shared.contracts.tickets import OrgUnitChanged, StaffChanged
from shared.database import Session
from shared.ids import new_id
from shared.messages.contract import Origin
from shared.outbox.emit import Saying, emit

EPOCH = 1
"""The directory's own rows are never older than its copy, so the first epoch serves."""

PERSONAL: Final = ("name",)


async def add_unit(
    session: Session,
    *,
    name: str,
    kind: UnitKind,
    parent_id: UUID | None,
    now: datetime,
    origin: str = Origin.LIVE,
) -> OrgUnit:
    """Add a unit below its parent. Raises InvalidError for a parent that cannot have it."""
    parent = None if parent_id is None else await require_unit(session, parent_id)
    check_level(kind, parent.kind if parent else None)
    unit_id = new_id()
    unit = OrgUnit(
        id=unit_id,
        parent_id=parent_id,
        kind=kind,
        name=name,
        path=path_below(parent.path if parent else (), unit_id),
        valid_from=now,
        valid_to=None,
        version=1,
        sequence=1,
    )
    await session.execute(insert(org_units).values(_row(unit)))
    changed = unit_changed(unit)
    await copy_org_unit(session, changed, epoch=EPOCH, sequence=unit.sequence)
    await emit(session, Saying(changed, unit.id, unit.sequence, now, origin))
    return unit


async def add_staff(
    session: Session,
    *,
    name: str,
    roles: Sequence[str],
    org_unit_ids: Sequence[UUID],
    now: datetime,
    origin: str = Origin.LIVE,
) -> StaffMember:
    """Add one of our people. Raises InvalidError for a unit that does not exist."""
    member = StaffMember(
        id=new_id(),
        name=name,
        roles=tuple(roles),
        org_unit_ids=tuple(org_unit_ids),
        active=True,
        version=1,
        sequence=1,
    )
    await _require_units(session, member)
    await session.execute(insert(staff).values(_row(member)))
    await _tell(session, member, now=now, origin=origin)
    return member


async def change_staff(
    session: Session,
    staff_id: UUID,
    *,
    changes: Mapping[str, Any],
    version: int | None,
    actor: Actor,
    now: datetime,
) -> StaffMember:
    """Change name, roles, units or whether somebody still works here.

    Raises NotFoundError, StaleError, or InvalidError for a unit that does not exist.
    """
    present = await lock_member(session, staff_id, version=version)
    changed = replace(
        present, **changes, version=present.version + 1, sequence=present.sequence + 1
    )
    await _require_units(session, changed)
    await session.execute(update(staff).where(staff.c.id == staff_id).values(_row(changed)))
    await _tell(session, changed, now=now, origin=Origin.LIVE)
    await audit(
        session,
        "staff.changed",
        actor=actor,
        subject_kind="staff",
        subject_id=staff_id,
        now=now,
        changes=difference(known(present), known(changed), hidden=PERSONAL),
    )
    return changed


def known(member: StaffMember) -> dict[str, Any]:
    """Return what the audit trail compares of somebody."""
    return {name: getattr(member, name) for name in ("name", "roles", "org_unit_ids", "active")}


def unit_changed(unit: OrgUnit) -> OrgUnitChanged:
    """Return a unit as everybody keeps a copy of it."""
    return OrgUnitChanged(
        org_unit_id=unit.id,
        kind=unit.kind,
        name=unit.name,
        path=unit.path,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
    )


def member_changed(member: StaffMember) -> StaffChanged:
    """Return the rights of one of our people as everybody keeps a copy of them."""
    return StaffChanged(
        staff_id=member.id,
        roles=member.roles,
        org_unit_ids=member.org_unit_ids,
        active=member.active,
    )


async def _require_units(session: Session, member: StaffMember) -> None:
    for unit_id in member.org_unit_ids:
        await require_unit(session, unit_id)


async def _tell(session: Session, member: StaffMember, *, now: datetime, origin: str) -> None:
    changed = member_changed(member)
    await copy_staff(session, changed, epoch=EPOCH, sequence=member.sequence)
    await emit(session, Saying(changed, member.id, member.sequence, now, origin))


def _row(stored: OrgUnit | StaffMember) -> dict[str, Any]:
    return {name: getattr(stored, name) for name in stored.__dataclass_fields__}
