"""A consumer of one queue: takes batches, hands them over, settles them, and never gives up."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Protocol
from uuid import UUID

import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.bus.batches import (
    BATCH,
    FIRST_PAUSE_SECONDS,
    end,
    in_shares,
    interrupted,
    longer,
    offer,
)
from shared.bus.interface import BusUnavailableError, Delivery, Queue, QueueKind, Receive
from shared.bus.rabbit.line import broker_errors, hang_up
from shared.bus.rabbit.wire import Arrived, Passport, unpacked, unpacked_dead

PREFETCH: Final = 2 * BATCH
"""The next batch is here when one is done; more would only be redelivered after a crash."""

LINGER_SECONDS: Final = 0.005
"""So long the last message of a batch waits for company; a person does not notice it."""

LONGEST_LINGER_SECONDS: Final = 0.05
"""So long a batch fills up while messages still come: each batch costs some ten statements."""

log = structlog.get_logger()


class Broker(Protocol):
    """What a consumer needs of its bus."""

    @property
    def passport(self) -> Passport:
        """Return how senders are recognised."""

    @property
    def delivery_limit(self) -> int:
        """Return how many deliveries one message may have."""

    async def consuming_channel(self, queue: Queue) -> AbstractChannel:
        """Return a channel of a connection that only consumes, the queue being declared."""

    async def retry(self, queue: Queue, retries: Sequence[tuple[Delivery, float]]) -> set[UUID]:
        """Let deliveries come again after some seconds; return the ids that the broker has."""


class Inflow:
    """What the broker has delivered on one channel and nobody has taken yet."""

    def __init__(self) -> None:
        self._arrived: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        self.over = asyncio.Event()

    async def put(self, packet: AbstractIncomingMessage) -> None:
        """Add a delivery."""
        self._arrived.put_nowait(packet)

    def end(self, *_reason: object) -> None:
        """Take no more, because the channel is lost or the consumer shall stop."""
        self.over.set()
        self._arrived.put_nowait(None)

    async def batch(self) -> list[AbstractIncomingMessage]:
        """Return the next batch; it is empty when the inflow is over."""
        first = await self._arrived.get()
        await self._fill_up()
        packets = [] if first is None else [first]
        while len(packets) < BATCH and not self._arrived.empty():
            packet = self._arrived.get_nowait()
            packets.extend([] if packet is None else [packet])
        return [] if self.over.is_set() else packets

    async def _fill_up(self) -> None:
        """Return when no more come, when they fill a batch, or when they came for long enough."""
        lingers, there = int(LONGEST_LINGER_SECONDS / LINGER_SECONDS), -1
        while lingers and there < self._arrived.qsize() < BATCH and not self.over.is_set():
            lingers, there = lingers - 1, self._arrived.qsize()
            await asyncio.sleep(LINGER_SECONDS)


class Consumer:
    """A running consumer: reconnects until it is stopped."""

    def __init__(self, broker: Broker, queue: Queue, receive: Receive) -> None:
        self._broker = broker
        self._queue = queue
        self._receive = receive
        self._stopping = asyncio.Event()
        self._inflow = Inflow()
        self.consuming = False
        self._task = asyncio.create_task(self._run(), name=f"consume {queue.name}")

    async def stop(self) -> None:
        """Take no more messages, let the running batch end, and give back the rest."""
        self._stopping.set()
        self._inflow.end()
        await end(self._task)

    @property
    def stopped(self) -> bool:
        """Return whether it was asked to stop."""
        return self._stopping.is_set()

    async def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                await self._consume()
            except BusUnavailableError as error:
                log.warning("consumer_without_bus", queue=self._queue.name, reason=str(error))
            except Exception:
                log.exception("consumer_failed", queue=self._queue.name)
            pause = FIRST_PAUSE_SECONDS if self.consuming else longer(pause)
            self.consuming = False
            await interrupted(self._stopping, pause)

    async def _consume(self) -> None:
        """Consume on a new channel until it is lost or the consumer shall stop."""
        channel = await self._broker.consuming_channel(self._queue)
        inflow = self._inflow = Inflow()
        try:
            if self._stopping.is_set():
                return
            async with broker_errors():
                await self._begin(channel, inflow)
                self.consuming = True
                while packets := await inflow.batch():
                    await self._work(packets, inflow)
        finally:
            await hang_up(channel)

    async def _begin(self, channel: AbstractChannel, inflow: Inflow) -> None:
        channel.close_callbacks.add(inflow.end)
        bare = await channel.get_underlay_channel()
        bare.on_consumer_cancel_callbacks.add(inflow.end)  # the queue was deleted
        await channel.set_qos(prefetch_count=PREFETCH)
        name = self._broker.passport.names.queue(self._queue.name)
        queue = await channel.get_queue(name, ensure=False)
        await queue.consume(inflow.put)

    async def _work(self, packets: Sequence[AbstractIncomingMessage], inflow: Inflow) -> None:
        """Hand a batch over in its shares and settle each."""
        wanted = []
        for packet in packets:
            arrived = self._unpacked(packet)
            if self._acceptable(arrived):
                wanted.append(arrived)
            else:
                await packet.reject(requeue=False)
        for share in in_shares(wanted, lambda arrived: arrived.delivery.redelivered):
            deliveries = [arrived.delivery for arrived in share]
            answer = await offer(self._receive, deliveries, self._queue.name, inflow.over)
            if answer.over or not await self._planned(deliveries, answer.retries, inflow):
                return
            await (_give_back(share) if answer.crashed else _acknowledge(share))

    def _unpacked(self, packet: AbstractIncomingMessage) -> Arrived:
        read = unpacked_dead if self._queue.kind is QueueKind.DEAD else unpacked
        return read(packet, self._broker.passport)

    def _acceptable(self, arrived: Arrived) -> bool:
        """Return whether to hand it over; the dead queue takes what the others refuse."""
        if self._queue.kind is QueueKind.DEAD:
            return True
        return not arrived.delivery.foreign and arrived.deliveries < self._broker.delivery_limit

    async def _planned(
        self, deliveries: Sequence[Delivery], retries: Mapping[UUID, float], inflow: Inflow
    ) -> bool:
        """Plan what must come again, waiting for the broker if need be; return whether it is safe.

        While the broker takes nothing (an alarm), acknowledging would lose the messages and giving
        them back would use up their deliveries.
        """
        pause = FIRST_PAUSE_SECONDS
        waiting = {item.message.id: item for item in deliveries if item.message.id in retries}
        while waiting:
            due = [(item, retries[message_id]) for message_id, item in waiting.items()]
            try:
                for message_id in await self._broker.retry(self._queue, due):
                    del waiting[message_id]
            except BusUnavailableError as error:
                log.warning("retry_waits_for_bus", queue=self._queue.name, reason=str(error))
            if waiting and await interrupted(inflow.over, pause):
                return False
            pause = longer(pause)
        return True


async def _acknowledge(share: Sequence[Arrived]) -> None:
    """Tell the broker that all of a share is done.

    What comes again goes alone and before the rest, so one acknowledgement covers the rest.
    """
    await share[-1].packet.ack(multiple=len(share) > 1)


async def _give_back(share: Sequence[Arrived]) -> None:
    """Let the messages come again now; `reject` counts as a delivery in every version."""
    for arrived in share:
        await arrived.packet.reject(requeue=True)
