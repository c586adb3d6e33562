"""Every service's own copy of the directory: rights come from here, not from a token alone.

`tickets` owns the directory and writes its copy with each change; the others hear of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert

from shared.auth.actor import Role
from shared.contracts.tickets import OrgUnitChanged, StaffChanged
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on
from shared.messages.contract import Contract
from shared.messaging import metadata
from shared.statements import Direct

staff_copy = Table(
    "staff_copy",
    metadata,
    Column("staff_id", Uuid, primary_key=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("org_unit_ids", ARRAY(Uuid), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

org_unit_copy = Table(
    "org_unit_copy",
    metadata,
    Column("org_unit_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", ARRAY(Uuid), nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)


_RIGHTS: Final = Direct(
    select(staff_copy.c.roles, staff_copy.c.org_unit_ids, staff_copy.c.active).where(
        staff_copy.c.staff_id == bindparam("staff_id_")
    )
)
"""Asked by every request of staff."""


@dataclass(frozen=True, slots=True)
class StaffRights:
    """What the directory says of one of our people."""

    roles: frozenset[str]
    org_unit_ids: frozenset[UUID]
    active: bool


async def rights_of(session: Session, staff_id: UUID) -> StaffRights | None:
    """Return a person's rights, or None when the directory does not know him yet."""
    row = await _RIGHTS.row(session, {"staff_id_": staff_id})
    if row is None:
        return None
    return StaffRights(frozenset(row.roles), frozenset(row.org_unit_ids), row.active)


async def active_admins(session: Session) -> list[UUID]:
    """Return everybody who is an administrator now."""
    found = await session.scalars(
        select(staff_copy.c.staff_id)
        .where(staff_copy.c.active, literal(str(Role.ADMIN)) == any_(staff_copy.c.roles))
        .order_by(staff_copy.c.staff_id)
    )
    return list(found)


async def copy_staff(session: Session, staff: StaffChanged, *, epoch: int, sequence: int) -> None:
    """Write a person's state into the copy unless a newer one stands there."""
    await _copy(session, staff_copy, "staff_id", staff, epoch=epoch, sequence=sequence)


async def copy_org_unit(
    session: Session, unit: OrgUnitChanged, *, epoch: int, sequence: int
) -> None:
    """Write a unit's state into the copy unless a newer one stands there."""
    await _copy(session, org_unit_copy, "org_unit_id", unit, epoch=epoch, sequence=sequence)


async def _copy(
    session: Session, table: Table, key: str, content: Contract, *, epoch: int, sequence: int
) -> None:
    names = [column.name for column in table.columns if column.name not in {"epoch", "sequence"}]
    values = {name: getattr(content, name) for name in names}
    statement = insert(table).values(values | {"epoch": epoch, "sequence": sequence})
    new = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[key],
            set_={name: new[name] for name in (*names, "epoch", "sequence")},
            where=tuple_(table.c.epoch, table.c.sequence) < tuple_(new.epoch, new.sequence),
        )
    )


async def _hear_staff(session: Session, received: Sequence[Received[StaffChanged]]) -> None:
    for one in sorted(received, key=lambda r: r.data.staff_id):
        envelope = one.envelope
        await copy_staff(session, one.data, epoch=envelope.epoch, sequence=envelope.sequence)


async def _hear_units(session: Session, received: Sequence[Received[OrgUnitChanged]]) -> None:
    for one in sorted(received, key=lambda r: r.data.org_unit_id):
        envelope = one.envelope
        await copy_org_unit(session, one.data, epoch=envelope.epoch, sequence=envelope.sequence)


DIRECTORY_HANDLERS: tuple[Handler, ...] = (
    on(StaffChanged, _hear_staff),
    on(OrgUnitChanged, _hear_units),
)
"""What every service but `tickets` hears about the directory."""
