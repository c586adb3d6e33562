"""The yardstick of relaying: claim, publish as a window, mark; woken by each commit."""

import asyncio
import json
from typing import Final

import aio_pika
import asyncpg

from bench.yardsticks.broker import QUORUM, WINDOW

CLAIM: Final = """
SELECT id, subject, data FROM outbox WHERE published_at IS NULL ORDER BY due_at LIMIT $1
FOR UPDATE SKIP LOCKED"""

MARK: Final = "UPDATE outbox SET published_at = now() WHERE id = ANY($1)"


async def relay(pool: asyncpg.Pool, url: str, queue: str, wake: asyncio.Event) -> None:
    """Publish what is committed, until cancelled."""
    connection = await aio_pika.connect_robust(url)
    async with connection:
        channel = await connection.channel()
        await channel.declare_queue(queue, durable=True, arguments=QUORUM)
        while True:
            wake.clear()
            if not await _window(pool, channel, queue):
                await wake.wait()


async def _window(pool: asyncpg.Pool, channel: aio_pika.abc.AbstractChannel, queue: str) -> int:
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(CLAIM, WINDOW)
        if not rows:
            return 0
        await asyncio.gather(
            *(channel.default_exchange.publish(_packet(row), queue) for row in rows)
        )
        await connection.execute(MARK, [row["id"] for row in rows])
        return len(rows)


def _packet(row: asyncpg.Record) -> aio_pika.Message:
    said = {"id": str(row["id"]), "subject": str(row["subject"]), "data": row["data"]}
    return aio_pika.Message(
        json.dumps(said).encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT
    )
