"""A consumer of one queue of the bus without a broker."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from shared.bus.batches import (
    BATCH,
    FIRST_PAUSE_SECONDS,
    end,
    in_shares,
    interrupted,
    longer,
    offer,
)
from shared.bus.interface import MaySend, Queue, QueueKind, Receive
from shared.bus.local_store import (
    Claimed,
    bury,
    claim,
    give_back,
    settle,
    take_back_claims,
)
from shared.database import Database
from shared.trouble import is_away, where

log = structlog.get_logger()


class LocalBroker(Protocol):
    """What a consumer needs of its bus."""

    @property
    def may_send(self) -> MaySend:
        """Return who may say what."""

    @property
    def delivery_limit(self) -> int:
        """Return how many deliveries one message may have."""

    def wake(self, queue: str) -> None:
        """Tell the consumer of a queue that something is due."""


class LocalConsumer:
    """A running consumer: waits for its database if that is away, until it is stopped."""

    def __init__(
        self, broker: LocalBroker, queue: Queue, database: Database, receive: Receive
    ) -> None:
        self._broker = broker
        self._queue = queue
        self.database = database
        self._receive = receive
        self._over = asyncio.Event()
        self.due = asyncio.Event()
        self.consuming = False
        self._task = asyncio.create_task(self._run(), name=f"consume {queue.name}")

    @property
    def stopped(self) -> bool:
        """Return whether it was asked to stop."""
        return self._over.is_set()

    async def stop(self) -> None:
        """Take no more messages, let the running batch end, and give back the rest."""
        self._over.set()
        self.due.set()
        await end(self._task)

    async def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self.stopped:
            try:
                await self._consume()
            except Exception as error:
                if is_away(error):
                    log.warning("consumer_without_bus", queue=self._queue.name, reason=where(error))
                else:
                    log.exception("consumer_failed", queue=self._queue.name)
            pause = FIRST_PAUSE_SECONDS if self.consuming else longer(pause)
            self.consuming = False
            await interrupted(self._over, pause)

    async def _consume(self) -> None:
        """Consume until the database fails or the consumer shall stop."""
        async with self.database.transaction() as session:
            await take_back_claims(session, self._queue.name)
        self.consuming = True
        while not self.stopped:
            self.due.clear()
            async with self.database.transaction() as session:
                batch = await claim(session, self._queue.name, BATCH)
            if batch:
                await self._work(batch)
            elif not self.stopped:
                await self.due.wait()

    async def _work(self, batch: Sequence[Claimed]) -> None:
        """Hand a batch over in its shares and settle each."""
        wanted = await self._refuse(batch)
        shares = in_shares(wanted, lambda item: item.delivery.redelivered)
        while shares:
            share = shares[0]
            deliveries = [item.delivery for item in share]
            answer = await offer(self._receive, deliveries, self._queue.name, self._over)
            if answer.over:
                break
            ids = [item.message.id for item in deliveries]
            async with self.database.transaction() as session:
                if answer.crashed:
                    await give_back(session, self._queue.name, ids)
                else:
                    await settle(session, self._queue.name, ids, answer.retries)
            shares.pop(0)
        if shares:
            rest = [item.delivery.message.id for share in shares for item in share]
            async with self.database.transaction() as session:
                await give_back(session, self._queue.name, rest)

    async def _refuse(self, batch: Sequence[Claimed]) -> list[Claimed]:
        """Bury what may not be handed over; the dead queue takes what the others refuse."""
        if self._queue.kind is QueueKind.DEAD:
            return list(batch)
        wanted, refused = [], []
        for item in batch:
            message = item.delivery.message
            foreign = not self._broker.may_send(message.sender, message.type)
            if foreign or item.deliveries >= self._broker.delivery_limit:
                refused.append(replace(item, delivery=replace(item.delivery, foreign=foreign)))
            else:
                wanted.append(item)
        if refused:
            dead = Queue(self._queue.service, QueueKind.DEAD).name
            async with self.database.transaction() as session:
                await bury(session, self._queue.name, dead, refused)
            self._broker.wake(dead)
        return wanted
