"""Say what a metric should reach."""

from datetime import datetime

from services.reporting.figures.registry import METRICS
from services.reporting.figures.target_queries import (
    Target,
    add_shipped_targets,
    add_target,
    lock_target,
    replace_target,
)
from services.reporting.figures.target_rules import SHIPPED, scale
from shared.audit import audit
from shared.auth.actor import Actor
from shared.changes import difference
from shared.database import Session
from shared.errors import InvalidError, NotFoundError, StaleError


async def set_target(
    session: Session, code: str, value: float, *, version: int | None, actor: Actor, now: datetime
) -> Target:
    """Set a metric's target and return it.

    `version` is the one that the actor saw, 0 where there was none. Raises NotFoundError for an
    unknown metric, InvalidError beyond its scale, StaleError when somebody was faster.
    """
    metric = METRICS.get(code)
    if metric is None:
        raise NotFoundError("unknown_metric", "GET /api/v1/metrics lists those that there are.")
    lowest, highest = scale(metric)
    if not lowest <= value <= highest:
        raise InvalidError("target_beyond_scale", f"It must lie between {lowest} and {highest}.")
    before, target = await _write(session, code, value, version=version, actor=actor, now=now)
    await audit(
        session,
        "target.set",
        actor=actor,
        subject_kind="target",
        subject_id=None,
        now=now,
        changes=difference({"value": before and before.value}, {"value": value}),
        metric=code,
        version=target.version,
    )
    return target


async def _write(
    session: Session, code: str, value: float, *, version: int | None, actor: Actor, now: datetime
) -> tuple[Target | None, Target]:
    """Return the target as it was, None where there was none, and as it is."""
    present = await lock_target(session, code)
    if present is None:
        target = Target(code, value, 1, actor.id, now)
        if version in {None, 0} and await add_target(session, target):
            return None, target
        present = await lock_target(session, code)  # somebody added it at this moment
    known = 0 if present is None else present.version
    if version is not None and version != known:
        raise StaleError("stale_version", "The target was changed meanwhile.", version=known)
    target = Target(code, value, known + 1, actor.id, now)
    await replace_target(session, target)
    return present, target


async def seed_targets(session: Session, now: datetime) -> None:
    """Put the shipped targets in place where there are none."""
    await add_shipped_targets(session, SHIPPED, now)
