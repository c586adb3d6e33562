"""A consumer is killed where it hurts: no effect comes twice, and a message that kills dies."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.dead_letters.keep import Reason
from shared.dead_letters.tables import dead_letters
from tests.faults.broker.mortal import DEADLY, Point
from tests.faults.broker.workshop import (
    DELIVERY_LIMIT,
    PATIENCE_SECONDS,
    Workshop,
)
from tests.faults.conftest import Note
from tests.support.company import becomes
from tests.support.databases import Databases
from tests.support.rabbitmq import RabbitNode
from tests.support.sample_service import Counted, sample_service

pytestmark = [pytest.mark.rabbit, pytest.mark.crash, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[3]
MESSAGES = 10


@contextmanager
def mortal(
    url: str, shop: Workshop, point: Point, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker that dies at a point; it is killed when the block ends."""
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
    databases: Databases, rabbit: RabbitNode, tmp_path: Path, point: Point
) -> None:
    url = await databases.url(sample_service())
    shop = Workshop(databases.connect(url), rabbit.url)
    await shop.say(MESSAGES)
    with mortal(url, shop, point, tmp_path) as first:
        await asyncio.to_thread(first.wait, PATIENCE_SECONDS)
    assert (tmp_path / "mark").exists(), (tmp_path / "mortal.log").read_text()
    assert (await shop.heard() > 0) == (point is Point.BEFORE_ACK)
    with mortal(url, shop, point, tmp_path):
        await shop.all_is_heard_once()


async def test_a_message_that_ends_its_process_is_put_aside_and_the_others_are_heard(
    databases: Databases, rabbit: RabbitNode, tmp_path: Path, note: Note
) -> None:
    url = await databases.url(sample_service())
    shop = Workshop(databases.connect(url), rabbit.url)
    await shop.say(MESSAGES // 2)
    await shop.tell(Counted(tally_id=shop.tally_id, amount=1, mood=DEADLY))
    await shop.say(MESSAGES // 2)
    ended = 0
    while not (await shop.state())["dead"]:
        assert ended <= DELIVERY_LIMIT, (tmp_path / "mortal.log").read_text()
        with mortal(url, shop, Point.ALWAYS, tmp_path) as process:
            ended += await died(process, shop)
    with mortal(url, shop, Point.ALWAYS, tmp_path):
        await shop.all_is_heard_once(but_dead=1)
    async with shop.database.transaction() as session:
        kept = await session.scalar(select(dead_letters.c.reason))
    assert (kept, ended) == (Reason.CRASHED, DELIVERY_LIMIT)
    note(f"put aside after {ended} processes that it ended")


async def died(process: subprocess.Popen[bytes], shop: Workshop) -> bool:
    """Wait until a worker ends by itself, or has put the message aside; return whether it died."""

    async def over() -> bool:
        return process.poll() is not None or bool((await shop.state())["dead"])

    await becomes(over, expected=True, patience=PATIENCE_SECONDS)
    return process.poll() is not None
