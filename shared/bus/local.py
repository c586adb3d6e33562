"""The bus of the edition that runs in one process: what is pending lies in the consumers' tables.

The same contract as RabbitMQ, restarts included; a message is published when it is committed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from shared.bus.interface import (
    DELIVERY_LIMIT,
    BusUnavailableError,
    Exchange,
    MaySend,
    Message,
    Queue,
    QueueKind,
    Receive,
)
from shared.bus.local_consumer import LocalConsumer
from shared.bus.local_store import count_unrouted, keep_unrouted, queues_with_work, store
from shared.database import Database, Session
from shared.trouble import is_away

EVERYTHING: Final = "#"

POLL_SECONDS: Final = 1.0
"""Retries that became due are found by asking; new messages wake the consumer at once. Asking once
a database costs a third of asking once a queue."""

log = structlog.get_logger()


class LocalBus:
    """The queues of all services, each in the database of its service."""

    def __init__(
        self,
        *,
        home: Database,
        queues: Mapping[Queue, Database],
        may_send: MaySend,
        delivery_limit: int = DELIVERY_LIMIT,
    ) -> None:
        """Deliver to `queues`, whether they are consumed now or later.

        `home` keeps what nobody has bound. Retries wait exactly as long as the consumer asks.
        """
        self.may_send = may_send
        self.delivery_limit = delivery_limit
        self._home = home
        self._queues = dict(queues)
        self._databases = {queue.name: database for queue, database in queues.items()}
        self._consumers: dict[str, LocalConsumer] = {}
        self._watches: dict[Database, asyncio.Task[None]] = {}

    async def publish(self, messages: Sequence[Message]) -> set[UUID]:
        """Deliver messages and return the ids of those that lie in all their queues.

        Raises `BusUnavailableError` when no database took any.
        """
        shares: dict[Database, list[tuple[str, Message]]] = defaultdict(list)
        homeless = []
        for message in messages:
            names = self._route(message)
            for name in names:
                shares[self._databases[name]].append((name, message))
            if not names:
                homeless.append(message)
        failed = await self._store(shares) | await self._keep(homeless)
        accepted = {message.id for message in messages} - failed
        if messages and not accepted:
            raise BusUnavailableError("no consumer's database answers")
        return accepted

    async def subscribe(self, queue: Queue, receive: Receive) -> LocalConsumer:
        """Hand the messages of a queue to `receive`; a database that is down is waited for."""
        consumer = LocalConsumer(self, queue, self._databases[queue.name], receive)
        self._consumers[queue.name] = consumer
        watch = self._watches.get(consumer.database)
        if watch is None or watch.done():
            self._watches[consumer.database] = asyncio.create_task(self._watch(consumer.database))
        return consumer

    async def unrouted(self) -> int:
        """Return how many messages nobody has bound."""
        async with self._home.transaction() as session:
            return await count_unrouted(session)

    def connected(self) -> bool:
        """Return whether every consumer that was not stopped has its database."""
        return all(consumer.consuming for _, consumer in self._running())

    async def close(self) -> None:
        """Stop looking for due messages; the databases belong to the host."""
        for watch in self._watches.values():
            watch.cancel()
        await asyncio.gather(*self._watches.values(), return_exceptions=True)

    def wake(self, queue: str) -> None:
        """Tell the consumer of a queue that something is due."""
        if consumer := self._consumers.get(queue):
            consumer.due.set()

    async def _watch(self, database: Database) -> None:
        """Wake the consumers of a database that have due messages, while any of them runs."""
        while names := [
            name for name, consumer in self._running() if consumer.database is database
        ]:
            await asyncio.sleep(POLL_SECONDS)
            try:
                async with database.transaction() as session:
                    names = await queues_with_work(session, names)
            except Exception as error:
                if not is_away(error):  # else the consumers meet it and say so
                    log.exception("bus_watch_failed")
            for name in names:
                self.wake(name)

    def _running(self) -> list[tuple[str, LocalConsumer]]:
        return [(name, one) for name, one in self._consumers.items() if not one.stopped]

    def _route(self, message: Message) -> list[str]:
        """Return the names of the queues that a message goes to."""
        if message.exchange is Exchange.REQUEUE:
            return [message.key] if message.key in self._databases else []
        if message.exchange is Exchange.LETTERS:
            name = Queue(message.key, QueueKind.LETTERS).name
            return [name] if name in self._databases else []
        return [queue.name for queue in self._queues if {message.key, EVERYTHING} & {*queue.types}]

    async def _store(self, shares: Mapping[Database, list[tuple[str, Message]]]) -> set[UUID]:
        """Store each database's share; return the ids of what could not be stored."""
        stored = await asyncio.gather(
            *(
                _committed(database, partial(store, messages=share))
                for database, share in shares.items()
            )
        )
        failed: set[UUID] = set()
        for share, done in zip(shares.values(), stored, strict=True):
            if not done:
                failed |= {message.id for _, message in share}
            for name in {name for name, _ in share} if done else ():
                self.wake(name)
        return failed

    async def _keep(self, homeless: Sequence[Message]) -> set[UUID]:
        if not homeless:
            return set()
        if await _committed(self._home, partial(keep_unrouted, messages=homeless)):
            return set()
        return {message.id for message in homeless}


async def _committed(database: Database, put: Callable[[Session], Awaitable[None]]) -> bool:
    """Put messages into a database; return whether they are safe there."""
    try:
        async with database.transaction() as session:
            await put(session)
    except Exception as error:
        if not is_away(error):
            log.exception("bus_could_not_store")
        return False
    return True
