"""Named reads and writes of targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.reporting.figures.tables import targets
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Target:
    """What a metric should reach, in its unit; a target that nobody set yet has version 0."""

    metric: str
    value: float
    version: int
    set_by: UUID | None
    set_at: datetime


async def all_targets(session: Session) -> dict[str, Target]:
    """Return the targets by metric."""
    rows = await session.execute(select(targets).order_by(targets.c.metric))
    return {row.metric: Target(**row._asdict()) for row in rows}


async def lock_target(session: Session, metric: str) -> Target | None:
    """Return a metric's target, locked until the transaction ends."""
    row = (
        await session.execute(select(targets).where(targets.c.metric == metric).with_for_update())
    ).one_or_none()
    return None if row is None else Target(**row._asdict())


async def add_target(session: Session, target: Target) -> bool:
    """Add a metric's first target; False when it has one."""
    values = {name: getattr(target, name) for name in Target.__dataclass_fields__}
    added = await session.scalar(
        insert(targets).values(values).on_conflict_do_nothing().returning(targets.c.metric)
    )
    return added is not None


async def replace_target(session: Session, target: Target) -> None:
    """Write a locked target's new value."""
    await session.execute(
        update(targets)
        .where(targets.c.metric == target.metric)
        .values(
            value=target.value,
            version=target.version,
            set_by=target.set_by,
            set_at=target.set_at,
        )
    )


async def add_shipped_targets(
    session: Session, shipped: Mapping[str, float], now: datetime
) -> None:
    """Add the targets that an installation begins with, where there are none."""
    for metric, value in sorted(shipped.items()):
        await add_target(session, Target(metric, value, 1, None, now))
