"""The inbox: every message has its effect once, whatever the bus repeats.

A batch is one transaction: ids are claimed, handlers run, all commits together. A batch that
fails, or does not end, is halved until the message at fault stands alone; that one climbs the
ladder.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from shared.bus.interface import (
    LADDER,
    ConsumerPausedError,
    Delivery,
    Queue,
    Receive,
)
from shared.contracts.restores import EventsVoided
from shared.crypto.vault import Vault
from shared.database import Database, Session
from shared.dead_letters.keep import Failure, Reason, died, keep_dead_letters
from shared.inbox.handlers import Handle, Handler, Received
from shared.inbox.measuring import measured
from shared.inbox.reading import Readable, read
from shared.inbox.tables import NOTE
from shared.metrics import CONSUMED
from shared.privacy.traces import without_erased
from shared.restores.hear import void_among
from shared.trouble import is_away, is_conflict, where

AT_ONCE = 3
"""A deadlock or serialisation failure is nobody's fault: the same batch may pass the next time."""

DEADLINE_SECONDS = 60.0
"""A batch takes a second, and no statement more than 30. Halving 500 messages around one that hangs
ends after ten minutes; RabbitMQ takes back after 30 what was not acknowledged."""

log = structlog.get_logger()


class HandlerHangsError(Exception):
    """A handler did not end within the deadline, although the database answers."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """What the inbox of one service works with."""

    service: str
    database: Database
    handlers: Sequence[Handler]
    vault: Vault
    clock: Callable[[], datetime]
    ladder: Sequence[float] = LADDER
    queue: str = ""
    deadline_seconds: float = DEADLINE_SECONDS


def receive_into(box: Inbox, queue: Queue) -> Receive:
    """Return the function that the bus calls with batches of a work queue."""
    by_key = {handler.contract.key(): handler for handler in box.handlers}
    box = replace(box, queue=queue.kind)

    async def receive(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        readable, unreadable = [], []
        for delivery in _unique(deliveries):
            content = read(
                delivery, queue=queue.name, handlers=by_key, vault=box.vault, service=box.service
            )
            if isinstance(content, Readable):
                readable.append(content)
            elif content is not None:
                unreadable.append(content)
        await _put_aside(box, unreadable)
        if not readable:
            return {}
        with measured(box.service, queue, readable, box.clock) as batch:
            return await _handle(box, queue, batch)

    return receive


def receive_dead(box: Inbox, queue: Queue) -> Receive:
    """Return the function that writes down what died on its way, under the queue where it died."""
    box = replace(box, queue=queue.kind)

    async def receive(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        await _put_aside(box, [died(delivery, queue) for delivery in _unique(deliveries)])
        return {}

    return receive


def _unique(deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Return each message once: a relay that crashed may have put one twice into a batch."""
    return list({delivery.message.id: delivery for delivery in deliveries}.values())


async def _handle(box: Inbox, queue: Queue, batch: Sequence[Readable]) -> Mapping[UUID, float]:
    """Handle a batch, halving it on failure; return what must come again."""
    try:
        await _with_patience(box, batch)
    except ConsumerPausedError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is some message's fault
        if len(batch) == 1:
            return await _refuse(box, queue, batch[0], error)
        half = len(batch) // 2
        first = await _handle(box, queue, batch[:half])
        return {**first, **await _handle(box, queue, batch[half:])}
    return {}


async def _with_patience(box: Inbox, batch: Sequence[Readable]) -> None:
    """Handle a batch in one transaction, again at once after a conflict with somebody else's."""
    for attempt in range(AT_ONCE + 1):
        try:
            await _in_time(box, batch)
        except Exception as error:
            if is_conflict(error) and attempt < AT_ONCE:
                continue
            if is_away(error):
                raise _paused(box) from error
            raise
        else:
            return


async def _in_time(box: Inbox, batch: Sequence[Readable]) -> None:
    """Handle a batch in one transaction, which is undone if it does not end."""
    deadline = asyncio.timeout(box.deadline_seconds)
    try:
        async with deadline:
            await _in_one_transaction(box, batch)
    except TimeoutError as error:
        if not deadline.expired():
            raise
        hung = error.__cause__ or error
        raise HandlerHangsError().with_traceback(hung.__traceback__) from None


async def _in_one_transaction(box: Inbox, batch: Sequence[Readable]) -> None:
    async with box.database.transaction() as session:
        fresh = await _claim(session, batch)
        taking_back = [item for item in fresh if _takes_back(item)]
        await _hand_over(session, box, taking_back)
        others = [item for item in fresh if not _takes_back(item)]
        void = await void_among(session, [item.received.envelope for item in others])
        kept = [item for item in others if item.delivery.message.id not in void]
        await _hand_over(session, box, kept)
    _count(box, "handled", len(taking_back) + len(kept))
    _count(box, "void", len(void))
    _count(box, "duplicate", len(batch) - len(fresh))


def _takes_back(item: Readable) -> bool:
    """Return whether a message says that others do not hold; it may share a batch with them."""
    return item.received.envelope.type == EventsVoided.TYPE


async def _hand_over(session: Session, box: Inbox, items: Sequence[Readable]) -> None:
    """Hand each function its messages, in the order in which the service names them.

    Where several types have one function, it gets them together; where a type has several, each
    gets it.
    """
    by_type: dict[str, list[Received[Any]]] = defaultdict(list)
    for item in items:
        by_type[item.handler.contract.key()].append(item.received)
    shares: dict[Handle[Any], list[Received[Any]]] = defaultdict(list)
    for handler in box.handlers:
        shares[handler.handle] += by_type[handler.contract.key()]
    for handle, share in shares.items():
        if share:
            await handle(session, share)


async def _claim(session: Session, batch: Sequence[Readable]) -> list[Readable]:
    """Note the messages as handled; return those that had not been, in one order for everybody."""
    ordered = sorted(batch, key=lambda item: item.delivery.message.id)
    noted = [item for item in ordered if not item.handler.keeps_ids]
    if not noted:
        return ordered
    ids = [item.delivery.message.id for item in noted]
    types = [item.delivery.message.type for item in noted]
    new = set(await session.scalars(NOTE, {"message_id": ids, "type": types}))
    return [i for i in ordered if i.handler.keeps_ids or i.delivery.message.id in new]


async def _refuse(
    box: Inbox, queue: Queue, item: Readable, error: Exception
) -> Mapping[UUID, float]:
    """Send a message up the ladder, or write it down when it has no rung left."""
    message, attempt = item.delivery.message, item.delivery.attempt
    log.warning(
        "message_failed",
        service=box.service,
        type=message.type,
        message_id=str(message.id),
        attempt=attempt,
        error=where(error),
    )
    if attempt < len(box.ladder):
        _count(box, "retry", 1)
        return {message.id: box.ladder[attempt]}
    await _put_aside(box, [Failure(message, queue.name, Reason.FAILED, where(error))])
    return {}


async def _put_aside(box: Inbox, failures: Sequence[Failure]) -> None:
    if not failures:
        return
    for failure in failures:
        log.error(
            "message_put_aside",
            service=box.service,
            type=failure.message.type,
            message_id=str(failure.message.id),
            reason=failure.reason,
        )
    try:
        async with box.database.transaction() as session:
            kept = await without_erased(session, box.vault, failures)
            await keep_dead_letters(session, kept, now=box.clock())
    except Exception as error:
        if is_away(error):
            raise _paused(box) from error
        raise
    _count(box, "put_aside", len(failures))


def _count(box: Inbox, outcome: str, messages: int) -> None:
    CONSUMED.labels(box.service, box.queue, outcome).inc(messages)


def _paused(box: Inbox) -> ConsumerPausedError:
    return ConsumerPausedError(f"the database of {box.service} does not answer")
