"""The statements behind the bus without a broker: a queue is the due rows of one name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Text, and_, delete, exists, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from shared.bus.interface import Delivery, Exchange, Message
from shared.bus.local_tables import pending_messages, unrouted_messages
from shared.database import Session

LEASE: Final = timedelta(minutes=5)
"""Longer than any batch takes; it only matters when two processes serve one queue by mistake."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery with the number of those before it that ended without an answer."""

    delivery: Delivery
    deliveries: int


async def store(session: Session, messages: Sequence[tuple[str, Message]]) -> None:
    """Put messages into their queues; one that waits there already is left alone."""
    if messages:
        rows = [{"queue": queue} | _row(message) for queue, message in messages]
        await session.execute(insert(pending_messages).on_conflict_do_nothing(), rows)


async def keep_unrouted(session: Session, messages: Sequence[Message]) -> None:
    """Keep messages that nobody has bound."""
    if messages:
        rows = [_row(message) for message in messages]
        await session.execute(insert(unrouted_messages).on_conflict_do_nothing(), rows)


async def count_unrouted(session: Session) -> int:
    """Return how many messages nobody had bound."""
    return await session.scalar(select(func.count()).select_from(unrouted_messages)) or 0


async def take_back_claims(session: Session, queue: str) -> None:
    """Make due what a consumer that is gone had claimed."""
    table = pending_messages
    await session.execute(
        update(table)
        .where(table.c.queue == queue, table.c.claimed)
        .values(claimed=False, due_at=func.now())
    )


async def queues_with_work(session: Session, queues: Sequence[str]) -> list[str]:
    """Return those of the queues in which something is due."""
    asked = func.unnest(literal(list(queues), ARRAY(Text)), type_=Text).column_valued("asked")
    table = pending_messages
    due = exists().where(table.c.queue == asked, table.c.due_at <= func.now())
    return list(await session.scalars(select(asked).where(due)))


async def claim(session: Session, queue: str, limit: int) -> list[Claimed]:
    """Claim the due messages of a queue."""
    table = pending_messages
    due = (
        select(table.c.queue, table.c.message_id)
        .where(table.c.queue == queue, table.c.due_at <= func.now())
        .order_by(table.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await session.execute(
        update(table)
        .where(tuple_(table.c.queue, table.c.message_id).in_(due))
        .values(claimed=True, due_at=func.now() + LEASE, deliveries=table.c.deliveries + 1)
        .returning(table)
    )
    return [_claimed(row) for row in rows]


async def settle(
    session: Session, queue: str, ids: Sequence[UUID], retries: Mapping[UUID, float]
) -> None:
    """Forget what is done and plan what shall come again after some seconds."""
    done = [message_id for message_id in ids if message_id not in retries]
    if done:
        await session.execute(delete(pending_messages).where(_those(queue, done)))
    for seconds in sorted(set(retries.values())):
        again = [message_id for message_id in ids if retries.get(message_id) == seconds]
        await session.execute(
            update(pending_messages)
            .where(_those(queue, again))
            .values(
                claimed=False,
                due_at=func.now() + timedelta(seconds=seconds),
                attempt=pending_messages.c.attempt + 1,
                deliveries=0,
            )
        )


async def give_back(session: Session, queue: str, ids: Sequence[UUID]) -> None:
    """Make claimed messages due again; the delivery stays counted."""
    if ids:
        await session.execute(
            update(pending_messages)
            .where(_those(queue, ids))
            .values(claimed=False, due_at=func.now())
        )


async def bury(session: Session, queue: str, dead: str, refused: Sequence[Claimed]) -> None:
    """Move messages from their queue to the dead one, addressed to where they died."""
    if not refused:
        return
    rows = [
        {"queue": dead, "foreign_sender": item.delivery.foreign}
        | _row(item.delivery.message)
        | {"exchange": Exchange.REQUEUE, "key": queue}
        for item in refused
    ]
    await session.execute(insert(pending_messages).on_conflict_do_nothing(), rows)
    ids = [item.delivery.message.id for item in refused]
    await session.execute(delete(pending_messages).where(_those(queue, ids)))


def _those(queue: str, ids: Sequence[UUID]) -> Any:
    table = pending_messages
    return and_(table.c.queue == queue, table.c.message_id.in_(ids))


def _row(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "type": message.type,
        "sender": message.sender,
        "exchange": message.exchange,
        "key": message.key,
        "body": message.body,
    }


def _claimed(row: Row[Any]) -> Claimed:
    message = Message(
        row.message_id, row.type, row.sender, Exchange(row.exchange), row.key, row.body
    )
    before = row.deliveries - 1
    return Claimed(Delivery(message, row.attempt, before > 0, row.foreign_sender), before)
