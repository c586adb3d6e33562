"""A consumer is killed where it hurts: no effect comes twice, and a message that kills dies."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import aio_pika
import pytest
from sqlalchemy import select

from shared.dead_letters.keep import Reason
from shared.dead_letters.tables import dead_letters
from shared.ids import new_id
from shared.work import relaying
from tests.faults.broker.mortal import DEADLY, DELIVERY_LIMIT, Point
from tests.faults.broker.workshop import PATIENCE_SECONDS, Workshop
from tests.faults.conftest import Note
from tests.support.databases import Databases
from tests.support.patience import becomes
from tests.support.rabbitmq import RabbitNode
from tests.support.sample_service import Counted, sample_service, tally

pytestmark = [pytest.mark.rabbit, pytest.mark.crash, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[3]
MESSAGES = 10


@pytest.fixture
async def shop(databases: Databases, rabbit: RabbitNode) -> AsyncIterator[Workshop]:
    """Give a workshop that says and does not hear: who hears are processes of their own."""
    service = sample_service()
    opened = Workshop(await databases.open(service), rabbit.url)
    await opened.bus.prepare(service.queues)
    async with relaying(service, opened.database, opened.bus):
        yield opened
    await opened.bus.close()


async def published(shop: Workshop) -> None:
    """Wait until the broker has all: a consumer dies, not what publishes."""

    async def unsaid() -> int:
        return (await shop.state())["unsaid"]

    await becomes(unsaid, 0)


@contextmanager
def mortal(shop: Workshop, point: Point, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker that dies at a point; it is killed when the block ends."""
    url = shop.database.engine.url.render_as_string(hide_password=False)
    given = [url, shop.url, shop.prefix, point, str(folder / "mark")]
    with (folder / "mortal.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.broker.mortal", *given],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


@pytest.mark.parametrize("point", [Point.BEFORE_COMMIT, Point.BEFORE_ACK, Point.AFTER_RETRY])
async def test_a_consumer_that_is_killed_leaves_no_effect_twice(
    shop: Workshop, tmp_path: Path, point: Point
) -> None:
    await shop.say(MESSAGES)
    await published(shop)
    with mortal(shop, point, tmp_path) as first:
        await asyncio.to_thread(first.wait, PATIENCE_SECONDS)
    assert (tmp_path / "mark").exists(), (tmp_path / "mortal.log").read_text()
    assert (await shop.heard() > 0) == (point is Point.BEFORE_ACK)
    copies = int((tmp_path / "mark").read_text())
    assert (copies > 0) == (point is Point.AFTER_RETRY)
    await becomes(lambda: waiting(shop), MESSAGES + copies)

    last = Counted(tally_id=new_id(), amount=1)
    await shop.tell(last)
    with mortal(shop, point, tmp_path):
        await becomes(lambda: tally(shop.database, last.tally_id), 1)
    assert await shop.heard() == MESSAGES


async def test_a_message_that_ends_its_process_is_put_aside_and_the_others_are_heard(
    shop: Workshop, tmp_path: Path, note: Note
) -> None:
    await shop.say(MESSAGES // 2)
    await shop.tell(Counted(tally_id=shop.tally_id, amount=1, mood=DEADLY))
    await shop.say(MESSAGES // 2)
    await published(shop)
    ended = 0
    while not await put_aside(shop):
        assert ended <= DELIVERY_LIMIT, (tmp_path / "mortal.log").read_text()
        with mortal(shop, Point.ALWAYS, tmp_path) as process:
            ended += await died(process, shop)
    with mortal(shop, Point.ALWAYS, tmp_path):
        await shop.all_is_heard_once(but_dead=1)
    async with shop.database.transaction() as session:
        kept = await session.scalar(select(dead_letters.c.reason))
    assert (kept, ended) == (Reason.CRASHED, DELIVERY_LIMIT)
    note(f"put aside after {ended} processes that it ended")


async def waiting(shop: Workshop) -> int:
    """Return how many messages are ready to be consumed."""
    connection = await aio_pika.connect(shop.url)
    async with connection, connection.channel() as channel:
        queue = await channel.declare_queue(shop.queue, passive=True)
        return queue.declaration_result.message_count or 0


async def put_aside(shop: Workshop) -> bool:
    """Return whether the message at fault is a dead letter."""
    return bool((await shop.state())["dead"])


async def died(process: subprocess.Popen[bytes], shop: Workshop) -> bool:
    """Wait until a worker ends by itself, or has put the message aside; return whether it died."""

    async def over() -> bool:
        return process.poll() is not None or await put_aside(shop)

    await becomes(over, expected=True, patience=PATIENCE_SECONDS)
    return process.poll() is not None
