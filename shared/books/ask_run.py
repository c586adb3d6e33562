"""Ask for a run over the books; a worker makes it."""

from dataclasses import replace
from datetime import date, datetime

from shared.audit import audit
from shared.auth.actor import Actor
from shared.books.queries import Run, RunState, add_run
from shared.books.rules import is_whole
from shared.database import Session
from shared.ids import new_id


async def ask_run(session: Session, *, whole: bool, actor: Actor, now: datetime) -> Run:
    """Note that somebody wants the books compared: whole, or what came since they balanced."""
    run = replace(_waiting(now, whole=whole), asked_by=actor.id)
    await add_run(session, run)
    await audit(
        session,
        "books.run_asked",
        actor=actor,
        subject_kind="book_run",
        subject_id=run.id,
        now=now,
        whole=whole,
    )
    return run


async def note_night(session: Session, night: date, *, now: datetime) -> None:
    """Note that a night's run is due, unless another worker has."""
    await add_run(session, replace(_waiting(now, whole=is_whole(night)), night=night))


def _waiting(now: datetime, *, whole: bool) -> Run:
    return Run(new_id(), None, whole, RunState.WAITING, None, now, None, None)
