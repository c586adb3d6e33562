"""The place where dead letters go is missing: they stay where they are until it is back."""

import asyncio

import aio_pika
import pytest

from tests.faults.broker.workshop import Workshop
from tests.support.company import becomes
from tests.support.rabbitmq import RabbitNode

pytestmark = [pytest.mark.rabbit, pytest.mark.timeout(300)]


async def test_what_cannot_be_put_aside_stays_and_moves_when_its_place_is_back(
    shop: Workshop, rabbit: RabbitNode
) -> None:
    connection = await aio_pika.connect(rabbit.url)
    async with connection, connection.channel() as channel:
        dead = await channel.get_queue(f"{shop.prefix}.sample.dead", ensure=False)
        await dead.unbind(f"{shop.prefix}.dlx.sample", "")
        events = await channel.get_exchange(f"{shop.prefix}.events")
        await events.publish(aio_pika.Message(b"no message of ours"), "sample.counted.v1")
        await shop.say(10)
        await shop.all_is_heard_once()
        assert await kept(shop, rabbit) == 1

        await dead.bind(f"{shop.prefix}.dlx.sample", "")
    await shop.all_is_heard_once(but_dead=1)
    await becomes(lambda: kept(shop, rabbit), 0)


async def kept(shop: Workshop, rabbit: RabbitNode) -> int:
    """Return how many messages the queue of events still has, dead ones included."""
    listed = await asyncio.to_thread(rabbit.ctl, "list_queues", "name", "messages")
    counts = dict(line.split("\t") for line in listed.splitlines() if "\t" in line)
    return int(counts[shop.queue])
