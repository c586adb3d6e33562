"""The epoch of a service: it rises when the service was set back to an older state."""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import func, insert, select, text

from shared.database import Session
from shared.errors import NotFoundError
from shared.ids import first_id_at
from shared.restores.tables import restores

FIRST_EPOCH: Final = 1

ZERO: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Epochs after the first are the seconds since then: of two restores from one backup the later has
the higher one, although the backup knows neither. A column of integers holds them until 2088."""


UNCERTAIN: Final = timedelta(minutes=1)
"""Who made a row just before the backup may have committed it after; and clocks differ."""

Found = TypeVar("Found")

log = structlog.get_logger()


async def present_epoch(session: Session) -> int:
    """Return the epoch to which belongs what this service says now."""
    return await session.scalar(select(func.max(restores.c.epoch))) or FIRST_EPOCH


async def unless_forgotten(
    session: Session, look: Awaitable[Found], row_id: UUID, *, what: str
) -> Found | None:
    """Return what `look` finds; None, and a line in the log, when a restore has forgotten it.

    `row_id` is a UUIDv7: only what was made between a backup and its restore was forgotten. Raises
    NotFoundError for all else that is not there: news about it is an error, also after a restore.
    """
    try:
        return await look
    except NotFoundError:
        if not await _is_forgotten(session, row_id):
            raise
    log.warning("forgotten_passed_over", what=what, id=str(row_id))
    return None


async def _is_forgotten(session: Session, row_id: UUID) -> bool:
    spans = await session.execute(select(restores.c.backup_at, restores.c.restored_at))
    return any(
        first_id_at(backup_at - UNCERTAIN) <= row_id <= first_id_at(restored_at + UNCERTAIN)
        for backup_at, restored_at in spans
    )


async def raise_epoch(session: Session, *, backup_at: datetime, now: datetime) -> int:
    """Begin a new epoch, and return it: all that is emitted from now on carries it."""
    epoch = max(await present_epoch(session) + 1, int((now - ZERO).total_seconds()))
    await session.execute(
        insert(restores).values(epoch=epoch, backup_at=backup_at, restored_at=now)
    )
    await session.execute(text(f"ALTER TABLE outbox ALTER COLUMN epoch SET DEFAULT {epoch:d}"))
    return epoch
