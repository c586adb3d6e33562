"""Tell once of each clock that ran out, and raise the case to the next level."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, or_

from services.feedback.loops.escalate_case import Raising, escalate_case
from services.feedback.loops.queries import change_case, lock_due
from services.feedback.loops.tables import loop_cases
from services.feedback.loops.telling import tell
from services.feedback.loops.vocabulary import LoopClock, LoopEscalationReason
from shared.contracts.feedback import LoopOverdue
from shared.crypto.vault import Vault
from shared.database import Session

BATCH: Final = 100

CATCHING_UP: Final = timedelta(minutes=5)
"""Of a case that is heard of when its time is over already, the news that stopped the clock may be
on its way too: a queue that waited through an outage is read within minutes."""

REASONS: Final = {
    LoopClock.CONTACT: LoopEscalationReason.CONTACT_OVERDUE,
    LoopClock.RESULT: LoopEscalationReason.RESULT_OVERDUE,
}


async def tell_overdue(session: Session, vault: Vault, clock: LoopClock, *, now: datetime) -> int:
    """Tell of the cases whose clock ran out; return how many."""
    since = loop_cases.c[f"{clock}_due_at"]
    found = await lock_due(session, _ran_out(clock, now), since=since, limit=BATCH)
    for case in found:
        due_at = {
            LoopClock.CONTACT: case.contact_due_at,
            LoopClock.RESULT: case.result_due_at,
        }[clock]
        overdue = await change_case(session, case, said=1, **{f"{clock}_overdue_at": now})
        await tell(session, overdue, LoopOverdue, at=due_at, clock=clock, due_at=due_at)
        told = {"clock": clock, "due_at": due_at.isoformat()}
        await escalate_case(session, vault, overdue, Raising(REASONS[clock], told=told), now=now)
    return len(found)


def _ran_out(clock: LoopClock, now: datetime) -> ColumnElement[bool]:
    due_at, heard_at = loop_cases.c[f"{clock}_due_at"], loop_cases.c.heard_at
    stopped = {LoopClock.CONTACT: "contacted_at", LoopClock.RESULT: "resulted_at"}[clock]
    return (
        loop_cases.c.closed_at.is_(None)
        & loop_cases.c[stopped].is_(None)
        & loop_cases.c[f"{clock}_overdue_at"].is_(None)
        & (due_at <= now)
        & or_(heard_at <= due_at, heard_at <= now - CATCHING_UP)
    )
