"""Hear everything that is said, and write it down: the log is the inbox of this service."""

import asyncio
from collections.abc import Sequence
from typing import Any

from services.reporting.log.queries import add_events
from shared.contracts.registry import EVENTS
from shared.database import AFTER_COMMIT, Session
from shared.inbox.handlers import Anything, Handler, Received
from shared.messages.contract import Contract


def handlers(wake: asyncio.Event) -> tuple[Handler, ...]:
    """Return a handler for each known event, and one for all others; a commit sets `wake`.

    What is known is checked against its contract first, so that nothing in the log can stop the
    folder. What is unknown, or a newer version, is kept until a release understands it and the
    facts are rebuilt.
    """

    async def append(session: Session, received: Sequence[Received[Any]]) -> None:
        await add_events(session, [_row(one) for one in received])
        session.info.setdefault(AFTER_COMMIT, []).append(wake.set)

    contracts: list[type[Contract]] = [*EVENTS.values(), Anything]
    return tuple(Handler(contract, append, keeps_ids=True) for contract in contracts)


def _row(received: Received[Any]) -> dict[str, Any]:
    envelope = received.envelope
    return {
        "id": envelope.id,
        "type": envelope.type,
        "version": int(envelope.dataschema.rpartition(".v")[2]),
        "subject": envelope.subject,
        "epoch": envelope.epoch,
        "sequence": envelope.sequence,
        "time": envelope.time,
        "origin": envelope.origin,
        "data": envelope.data | received.data.model_dump(mode="json"),
    }
