"""Named reads, locks and writes of snapshots."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, tuple_, update

from shared.database import Session
from shared.errors import NotFoundError
from shared.snapshots.tables import snapshots


class SnapshotState(StrEnum):
    """Whether all of it was handed over."""

    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What shall be said again to whom, and how much of it was."""

    id: UUID
    kind: str
    recipient: str
    types: tuple[str, ...]
    since: datetime | None
    state: SnapshotState
    position: str | None
    sent: int
    asked_by: UUID | None
    asked_at: datetime
    finished_at: datetime | None


async def add_snapshot(session: Session, snapshot: Snapshot) -> None:
    """Write a snapshot that shall be made."""
    values = {field.name: getattr(snapshot, field.name) for field in fields(Snapshot)}
    await session.execute(insert(snapshots).values(values | {"types": list(snapshot.types)}))


async def get_snapshot(session: Session, snapshot_id: UUID) -> Snapshot:
    """Return a snapshot. Raises NotFoundError."""
    row = (
        await session.execute(select(snapshots).where(snapshots.c.id == snapshot_id))
    ).one_or_none()
    if row is None:
        raise NotFoundError("snapshot_not_found", "There is no such snapshot.")
    return _snapshot(row)


async def snapshot_page(
    session: Session, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Snapshot]:
    """Return up to `limit` snapshots, the latest first."""
    wanted = select(snapshots)
    if before is not None:
        wanted = wanted.where(tuple_(snapshots.c.asked_at, snapshots.c.id) < before)
    latest = wanted.order_by(snapshots.c.asked_at.desc(), snapshots.c.id.desc()).limit(limit)
    return [_snapshot(row) for row in await session.execute(latest)]


async def lock_running(session: Session) -> Snapshot | None:
    """Return the next snapshot that no other worker is at, locked."""
    row = (
        await session.execute(
            select(snapshots)
            .where(snapshots.c.state == SnapshotState.RUNNING)
            .order_by(snapshots.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
    ).one_or_none()
    return None if row is None else _snapshot(row)


async def change_snapshot(session: Session, snapshot: Snapshot, **changes: Any) -> None:
    """Write how far a locked snapshot has come."""
    await session.execute(update(snapshots).where(snapshots.c.id == snapshot.id).values(**changes))


def _snapshot(row: Row[Any]) -> Snapshot:
    plain = row._asdict()
    return Snapshot(**plain | {"types": tuple(row.types), "state": SnapshotState(row.state)})
