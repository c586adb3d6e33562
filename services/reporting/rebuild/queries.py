"""Named reads and writes of rebuilds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from services.reporting.rebuild.tables import rebuilds
from shared.database import Session
from shared.errors import NotFoundError


class RebuildState(StrEnum):
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Rebuild:
    """`position` is how much of the log the new facts knew when they took the place of the old."""

    id: UUID
    state: RebuildState
    asked_by: UUID | None
    asked_at: datetime
    finished_at: datetime | None
    position: int | None


async def add_rebuild(session: Session, wanted: Rebuild) -> bool:
    """Note that a rebuild is wanted; False when one waits already."""
    values = {name: getattr(wanted, name) for name in Rebuild.__dataclass_fields__}
    added = await session.scalar(
        insert(rebuilds).values(values).on_conflict_do_nothing().returning(rebuilds.c.id)
    )
    return added is not None


async def waiting_rebuild(session: Session) -> Rebuild | None:
    """Return the rebuild that waits to be done."""
    row = (
        await session.execute(select(rebuilds).where(rebuilds.c.state == RebuildState.WAITING))
    ).one_or_none()
    return None if row is None else _rebuild(row)


async def get_rebuild(session: Session, rebuild_id: UUID) -> Rebuild:
    """Return a rebuild. Raises NotFoundError."""
    row = (await session.execute(select(rebuilds).where(rebuilds.c.id == rebuild_id))).one_or_none()
    if row is None:
        raise NotFoundError("rebuild_not_found", "Nobody asked for such a rebuild.")
    return _rebuild(row)


async def finish_rebuild(
    session: Session, rebuild_id: UUID, *, position: int, now: datetime
) -> None:
    """Note that a rebuild is done."""
    await session.execute(
        update(rebuilds)
        .where(rebuilds.c.id == rebuild_id)
        .values(state=RebuildState.DONE, position=position, finished_at=now)
    )


def _rebuild(row: Row[Any]) -> Rebuild:
    values = {name: getattr(row, name) for name in Rebuild.__dataclass_fields__}
    return Rebuild(**values | {"state": RebuildState(row.state)})
