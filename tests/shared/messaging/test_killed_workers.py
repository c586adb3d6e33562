"""A worker may be killed at any moment: nothing is lost, nothing counts twice."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from shared.bus.local_tables import pending_messages
from shared.database import Database
from shared.ids import new_id
from shared.outbox.emit import emit
from shared.outbox.relay import LEASE
from shared.outbox.tables import outbox
from tests.support.databases import Databases
from tests.support.patience import until
from tests.support.sample_service import Counted, sample_service, saying, tally

ROOT = Path(__file__).parents[3]
ROUNDS = 4
A_ROUND = 1200
"""More than two batches, so that a kill at the first progress falls into the work."""


@contextmanager
def worker(url: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a worker; it is killed when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.sample_worker", url],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


async def counted_so_far(database: Database, tally_id: UUID) -> int:
    return await tally(database, tally_id) or 0


async def kill_at_first_progress(url: str, database: Database, tally_id: UUID) -> None:
    before = await counted_so_far(database, tally_id)
    with worker(url) as process:

        async def progressed() -> bool:
            assert process.poll() is None, "the worker ended by itself"
            return await counted_so_far(database, tally_id) > before

        await until(progressed)


async def unfinished(database: Database) -> int:
    async with database.transaction() as session:
        unsaid = select(func.count()).where(outbox.c.published_at.is_(None))
        pending = select(func.count()).select_from(pending_messages)
        return int(await session.scalar(unsaid) or 0) + int(await session.scalar(pending) or 0)


@pytest.mark.crash
async def test_killed_workers_lose_nothing_and_count_nothing_twice(databases: Databases) -> None:
    url = await databases.url(sample_service())
    database = databases.connect(url)
    tally_id = new_id()
    interrupted = 0
    for round_ in range(1, ROUNDS + 1):
        async with database.transaction() as session:
            counted = Counted(tally_id=tally_id, amount=1)
            await emit(session, *(saying(counted) for _ in range(A_ROUND)))
        await kill_at_first_progress(url, database, tally_id)
        interrupted += await counted_so_far(database, tally_id) < round_ * A_ROUND
        async with database.transaction() as session:  # the leases of the dead end
            await session.execute(update(outbox).values(due_at=outbox.c.due_at - LEASE))
    assert interrupted, "no kill fell into the work"

    async def done() -> bool:
        return await unfinished(database) == 0

    with worker(url):
        await until(done)
    assert await tally(database, tally_id) == ROUNDS * A_ROUND
