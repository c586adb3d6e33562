"""Whether a service's messages go out, come in, and none waits for a person."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from careloop.doctor.findings import Finding, ok, warning, wrong
from shared.database import Session
from shared.outbox.backlog import outbox_backlog
from shared.service import Service

LATE: Final = timedelta(minutes=1)
VERY_LATE: Final = timedelta(minutes=5)
"""The relay needs seconds; so long without it, what people were promised is late."""

_PENDING: Final = text("SELECT count(*), now() - min(due_at) FROM pending_message")
_DEAD: Final = text("SELECT count(*) FROM dead_letter WHERE state = 'waiting'")
_PARKED: Final = text("SELECT count(*) FROM dead_letter WHERE state = 'parked'")


async def outbox(session: Session, service: Service, part: str) -> Finding:
    """Look whether what the service says leaves."""
    count, age = await outbox_backlog(session)
    do = f"See that the broker runs, and careloop worker {service.name}"
    return _queue(part, "outbox", count, age, do)


async def waiting_messages(session: Session, service: Service, part: str) -> Finding:
    """Look whether what waits in the database's own queues is taken; a retry waits its time."""
    count, age = (await session.execute(_PENDING)).one()
    do = f"See that the worker of {service.name} runs, and its log"
    return _queue(part, "queues", count, age or timedelta(), do)


async def dead_letters(session: Session, service: Service, part: str) -> Finding:
    """Look whether a message waits for a person."""
    waiting = await session.scalar(_DEAD)
    if waiting:
        do = f"careloop dead-letters list {service.name}; mend the cause, then replay or discard"
        return wrong(part, "dead letters", f"{waiting} wait for a person", do=do)
    parked = await session.scalar(_PARKED)
    if parked:
        do = "They are of a newer release: upgrade this service, then replay them"
        return warning(part, "dead letters", f"{parked} are parked", do=do)
    return ok(part, "dead letters", "none")


def _queue(part: str, check: str, count: int, age: timedelta, do: str) -> Finding:
    says = f"{count} wait, the first for {max(age.total_seconds(), 0):.0f} s" if count else "empty"
    if age > VERY_LATE:
        return wrong(part, check, says, do=do)
    return warning(part, check, says, do=do) if age > LATE else ok(part, check, says)
