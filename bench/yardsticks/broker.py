"""The yardsticks of the broker: publish with pipelined confirms, consume in batches, no more."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue, AbstractRobustConnection

WINDOW: Final = 500
PREFETCH: Final = 1000
BATCH: Final = 500
QUORUM: Final = {"x-queue-type": "quorum"}


async def publish(url: str, queue: str, bodies: Sequence[bytes]) -> float:
    """Publish persistent messages, `WINDOW` on the way at once; return the seconds it took."""
    connection: AbstractRobustConnection = await aio_pika.connect_robust(url)
    async with connection:
        channel = await connection.channel()
        await channel.declare_queue(queue, durable=True, arguments=QUORUM)
        began = time.perf_counter()
        for start in range(0, len(bodies), WINDOW):
            await asyncio.gather(
                *(
                    channel.default_exchange.publish(_packet(body), queue)
                    for body in bodies[start : start + WINDOW]
                )
            )
        return time.perf_counter() - began


async def consume(url: str, queue: str, count: int) -> float:
    """Take `count` messages and acknowledge them a batch at a time; return the seconds."""
    connection = await aio_pika.connect_robust(url)
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        inflow = Batches(await channel.declare_queue(queue, durable=True, arguments=QUORUM))
        began, taken = time.perf_counter(), 0
        await inflow.begin()
        while taken < count:
            packets = await inflow.batch()
            await packets[-1].ack(multiple=True)
            taken += len(packets)
        return time.perf_counter() - began


class Batches:
    """What a queue delivers, up to `BATCH` messages at a time."""

    def __init__(self, queue: AbstractQueue) -> None:
        self._queue = queue
        self._arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()

    async def begin(self) -> None:
        """Let the broker deliver."""
        await self._queue.consume(self._arrived.put)

    async def batch(self) -> list[AbstractIncomingMessage]:
        """Return the next batch: what came until 5 ms brought no more, at most for 50 ms."""
        packets, there = [await self._arrived.get()], -1
        for _ in range(10):
            if not there < self._arrived.qsize() < BATCH:
                break
            there = self._arrived.qsize()
            await asyncio.sleep(0.005)
        while len(packets) < BATCH and not self._arrived.empty():
            packets.append(self._arrived.get_nowait())
        return packets


def _packet(body: bytes) -> aio_pika.Message:
    return aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
