"""What becomes due: invitations to send, one reminder, the end of an answer's time."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from services.surveys.invitations.send_invitations import (
    Sending,
    expire_due,
    remind_due,
    send_due,
)
from shared.database import Database, Session
from shared.sweeps import Sweep


def invitation_sweeps(sending: Sending) -> tuple[Sweep, ...]:
    """Return the sweeps; a batch is a transaction."""

    async def send(session: Session, now: datetime) -> int:
        return await send_due(session, sending, now=now)

    async def remind(session: Session, now: datetime) -> int:
        return await remind_due(session, sending, now=now)

    async def expire(session: Session, now: datetime) -> int:
        return await expire_due(session, now=now)

    return (
        Sweep("send_invitations", timedelta(seconds=1), _in_a_transaction(send)),
        Sweep("remind", timedelta(seconds=30), _in_a_transaction(remind)),
        Sweep("expire", timedelta(seconds=30), _in_a_transaction(expire)),
    )


def _in_a_transaction(
    work: Callable[[Session, datetime], Awaitable[int]],
) -> Callable[[Database, datetime], Awaitable[int]]:
    async def run(database: Database, now: datetime) -> int:
        async with database.transaction() as session:
            return await work(session, now)

    return run
