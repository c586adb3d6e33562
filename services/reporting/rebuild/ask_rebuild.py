"""Ask for a rebuild; a worker does it."""

from datetime import datetime

from services.reporting.rebuild.queries import (
    Rebuild,
    RebuildState,
    add_rebuild,
    waiting_rebuild,
)
from shared.audit import audit
from shared.auth.actor import Actor
from shared.database import Session
from shared.ids import new_id


async def ask_rebuild(session: Session, *, actor: Actor, now: datetime) -> Rebuild:
    """Note that the facts shall be rebuilt; while one rebuild waits, it is the answer to all."""
    wanted = Rebuild(new_id(), RebuildState.WAITING, actor.id, now, None, None)
    if not await add_rebuild(session, wanted):
        waiting = await waiting_rebuild(session)
        if waiting is not None:
            return waiting
        return await ask_rebuild(session, actor=actor, now=now)  # it was done at this moment
    await audit(
        session,
        "facts.rebuild_asked",
        actor=actor,
        subject_kind="rebuild",
        subject_id=wanted.id,
        now=now,
    )
    return wanted
