"""Write down a message that could not be handled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from shared.bus.interface import Delivery, Message, Queue
from shared.database import Session
from shared.dead_letters.tables import dead_letters
from shared.ids import new_id

DETAIL_LENGTH = 500
"""Enough to find the fault; a driver's error may quote a whole statement."""


class DeadLetterState(StrEnum):
    """Waiting ones need a person; parked ones wait for a newer version of this service."""

    WAITING = "waiting"
    PARKED = "parked"
    REPLAYING = "replaying"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class Reason(StrEnum):
    """Why a message could not be handled."""

    POISON = "poison"
    UNREADABLE_LETTER = "unreadable_letter"
    UNKNOWN_VERSION = "unknown_version"
    FAILED = "failed"
    CRASHED = "crashed"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Failure:
    """A message with the reason why it is put aside."""

    message: Message
    queue: str
    reason: Reason
    detail: str


def died(delivery: Delivery, queue: Queue) -> Failure:
    """Return why a message died on its way, under the queue where it died."""
    message = delivery.message
    if delivery.foreign:
        reason, detail = Reason.FOREIGN, f"{message.sender or 'nobody'} may not say {message.type}"
    else:
        reason, detail = Reason.CRASHED, "it was delivered again and again without an answer"
    return Failure(message, message.key or queue.name, reason, detail)


async def keep_dead_letters(
    session: Session, failures: Sequence[Failure], *, now: datetime
) -> None:
    """Write the messages down, one row each and queue; a known one waits again."""
    rows = [
        {
            "id": new_id(),
            "message_id": failure.message.id,
            "queue": failure.queue,
            "type": _storable(failure.message.type),
            "sender": _storable(failure.message.sender),
            "state": _state(failure.reason),
            "reason": failure.reason,
            "detail": _storable(failure.detail),
            "body": failure.message.body,
            "first_failed_at": now,
            "last_failed_at": now,
        }
        for failure in failures
    ]
    statement = insert(dead_letters)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["message_id", "queue"],
            set_={
                "state": statement.excluded.state,
                "reason": statement.excluded.reason,
                "detail": statement.excluded.detail,
                "failures": dead_letters.c.failures + 1,
                "settled_at": None,
                "settled_by": None,
                "settled_because": None,
                "last_failed_at": func.greatest(
                    dead_letters.c.last_failed_at, statement.excluded.last_failed_at
                ),
            },
        ),
        rows,
    )


def _storable(text: str) -> str:
    """Return a text that PostgreSQL takes; what a stranger sent must not stop the writing down."""
    return text.replace("\x00", "")[:DETAIL_LENGTH]


def _state(reason: Reason) -> DeadLetterState:
    if reason is Reason.UNKNOWN_VERSION:
        return DeadLetterState.PARKED
    return DeadLetterState.WAITING
