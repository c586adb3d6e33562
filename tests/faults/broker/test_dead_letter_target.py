"""The place where dead letters go is missing: they stay where they are until it is back."""

import asyncio
from collections.abc import AsyncIterator

import aio_pika
import pytest

from tests.faults.broker.workshop import Workshop
from tests.support.patience import becomes
from tests.support.rabbitmq import RabbitNode

pytestmark = [pytest.mark.rabbit, pytest.mark.timeout(300)]

AGAIN = "dead_letter_worker_publisher_confirm_timeout"
"""After so many milliseconds the broker tries again what found no place: three minutes."""


@pytest.fixture(autouse=True)
async def _impatient_broker(rabbit: RabbitNode) -> AsyncIterator[None]:
    """Let queues that are made meanwhile try again soon."""
    usual = await _told(rabbit, f"{{ok, Usual}} = application:get_env(rabbit, {AGAIN}), Usual.")
    await _told(rabbit, f"application:set_env(rabbit, {AGAIN}, 2000).")
    yield
    await _told(rabbit, f"application:set_env(rabbit, {AGAIN}, {usual}).")


async def _told(rabbit: RabbitNode, expression: str) -> str:
    return (await asyncio.to_thread(rabbit.ctl, "eval", expression)).strip()


async def test_what_cannot_be_put_aside_stays_and_moves_when_its_place_is_back(
    shop: Workshop, rabbit: RabbitNode
) -> None:
    dead_ones = f"{shop.prefix}.dlx.sample"

    async def kept() -> int:
        return (await rabbit.messages())[shop.queue]

    connection = await aio_pika.connect(rabbit.url)
    async with connection, connection.channel() as channel:
        place = await channel.get_queue(f"{shop.prefix}.sample.dead", ensure=False)
        await place.unbind(dead_ones, "")
        events = await channel.get_exchange(f"{shop.prefix}.events")
        await events.publish(aio_pika.Message(b"no message of ours"), "sample.counted.v1")
        await shop.say(10)
        await shop.all_is_heard_once()
        await becomes(kept, 1)
        await place.bind(dead_ones, "")
    await shop.all_is_heard_once(but_dead=1)
    await becomes(kept, 0)
