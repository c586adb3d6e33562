"""List, replay and discard dead letters; nobody edits them, nobody sees more than the envelope."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Row, select, tuple_, update

from shared.bus.interface import Bus, Exchange, Message
from shared.database import Database, Session
from shared.dead_letters.keep import DeadLetterState
from shared.dead_letters.tables import dead_letters
from shared.errors import ConflictError, InvalidError, NotFoundError

OPEN = (DeadLetterState.WAITING, DeadLetterState.PARKED)
REPLAY_WINDOW = 100
"""Replayed a turn: a flood of old messages must not delay the new ones."""

ENVELOPE: tuple[Column[Any], ...] = (
    dead_letters.c.id,
    dead_letters.c.message_id,
    dead_letters.c.queue,
    dead_letters.c.type,
    dead_letters.c.sender,
    dead_letters.c.state,
    dead_letters.c.reason,
    dead_letters.c.detail,
    dead_letters.c.failures,
    dead_letters.c.first_failed_at,
    dead_letters.c.last_failed_at,
    dead_letters.c.settled_at,
    dead_letters.c.settled_because,
)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be handled, without its body."""

    id: UUID
    message_id: UUID
    queue: str
    type: str
    sender: str
    state: DeadLetterState
    reason: str
    detail: str
    failures: int
    first_failed_at: datetime
    last_failed_at: datetime
    settled_at: datetime | None
    settled_because: str | None


async def dead_letter_page(
    session: Session,
    *,
    state: DeadLetterState | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[DeadLetter]:
    """Return up to `limit` dead letters, the latest failure first."""
    statement = select(*ENVELOPE)
    if state is not None:
        statement = statement.where(dead_letters.c.state == state)
    if before is not None:
        statement = statement.where(
            tuple_(dead_letters.c.last_failed_at, dead_letters.c.id) < before
        )
    rows = await session.execute(
        statement.order_by(dead_letters.c.last_failed_at.desc(), dead_letters.c.id.desc()).limit(
            limit
        )
    )
    return [_dead_letter(row) for row in rows]


async def ask_for_replay(
    session: Session, dead_letter_id: UUID, *, by: UUID | None, reason: str, now: datetime
) -> DeadLetter:
    """Let a message come again; the worker hands it to its queue within seconds.

    Raises NotFoundError, InvalidError without a reason, ConflictError when it is settled.
    """
    settlement = _Settlement(DeadLetterState.REPLAYING, by, reason, now)
    return await _settle(session, dead_letter_id, settlement)


async def discard(
    session: Session, dead_letter_id: UUID, *, by: UUID | None, reason: str, now: datetime
) -> DeadLetter:
    """Give a message up, for a reason. Raises as `ask_for_replay`."""
    settlement = _Settlement(DeadLetterState.DISCARDED, by, reason, now)
    return await _settle(session, dead_letter_id, settlement)


async def hand_over_replays(database: Database, bus: Bus) -> int:
    """Give the messages that shall come again to their queues; return how many.

    A crash between publishing and marking hands one over twice; the inbox counts it once.
    """
    async with database.transaction() as session:
        rows = (
            await session.execute(
                select(dead_letters)
                .where(dead_letters.c.state == DeadLetterState.REPLAYING)
                .order_by(dead_letters.c.id)
                .limit(REPLAY_WINDOW)
                .with_for_update(skip_locked=True)
            )
        ).all()
        if not rows:
            return 0
        accepted = await bus.publish([_again(row) for row in rows])
        await session.execute(
            update(dead_letters)
            .where(dead_letters.c.message_id.in_(accepted), dead_letters.c.id.in_(_ids(rows)))
            .values(state=DeadLetterState.REPLAYED)
        )
    return len(accepted)


@dataclass(frozen=True, slots=True)
class _Settlement:
    """What a person decided about a message."""

    state: DeadLetterState
    settled_by: UUID | None
    settled_because: str
    settled_at: datetime


async def _settle(session: Session, dead_letter_id: UUID, settlement: _Settlement) -> DeadLetter:
    if not settlement.settled_because.strip():
        raise InvalidError("reason_missing", "Say why, for whoever asks later.")
    settled = (
        await session.execute(
            update(dead_letters)
            .where(dead_letters.c.id == dead_letter_id, dead_letters.c.state.in_(OPEN))
            .values(asdict(settlement))
            .returning(*ENVELOPE)
        )
    ).one_or_none()
    if settled is not None:
        return _dead_letter(settled)
    present = await session.scalar(
        select(dead_letters.c.state).where(dead_letters.c.id == dead_letter_id)
    )
    if present is None:
        raise NotFoundError("dead_letter_not_found", "There is no such dead letter.")
    raise ConflictError("dead_letter_settled", f"The message is {present} already.")


def _again(row: Row[Any]) -> Message:
    return Message(row.message_id, row.type, row.sender, Exchange.REQUEUE, row.queue, row.body)


def _ids(rows: Sequence[Row[Any]]) -> list[UUID]:
    return [row.id for row in rows]


def _dead_letter(row: Row[*tuple[Any, ...]]) -> DeadLetter:
    return DeadLetter(**row._asdict() | {"state": DeadLetterState(row.state)})
