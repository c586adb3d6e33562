"""The epoch of a service: it rises when the service was set back to an older state."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, insert, select, text

from shared.database import Session
from shared.restores.tables import restores

FIRST_EPOCH: Final = 1

ZERO: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Epochs after the first are the seconds since then: of two restores from one backup the later has
the higher one, although the backup knows neither. A column of integers holds them until 2088."""


async def present_epoch(session: Session) -> int:
    """Return the epoch to which belongs what this service says now."""
    return await session.scalar(select(func.max(restores.c.epoch))) or FIRST_EPOCH


async def was_set_back(session: Session) -> bool:
    """Return whether this service may have forgotten what others know of it."""
    return await present_epoch(session) > FIRST_EPOCH


async def raise_epoch(session: Session, *, backup_at: datetime, now: datetime) -> int:
    """Begin a new epoch, and return it: all that is emitted from now on carries it."""
    epoch = max(await present_epoch(session) + 1, int((now - ZERO).total_seconds()))
    await session.execute(
        insert(restores).values(epoch=epoch, backup_at=backup_at, restored_at=now)
    )
    await session.execute(text(f"ALTER TABLE outbox ALTER COLUMN epoch SET DEFAULT {epoch:d}"))
    return epoch
