"""A service at work: sweeps come round, messages go round, and all of it ends when it shall."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from shared import work
from shared.bus.interface import BusUnavailableError
from shared.bus.local import LocalBus
from shared.clock import utcnow
from shared.database import Database
from shared.dead_letters.settle import ask_for_replay, dead_letter_page
from shared.dead_letters.tables import dead_letters
from shared.ids import new_id
from shared.inbox.receive import Inbox
from shared.outbox.emit import emit, send
from shared.outbox.relay import run_relay
from shared.sweeps import Sweep, run_sweep
from shared.work import working
from tests.support.databases import Databases
from tests.support.patience import PATIENCE_SECONDS, until
from tests.support.sample_service import (
    Counted,
    ShelfBus,
    Whispered,
    sample_service,
    sample_vault,
    saying,
    tally,
)


def local_bus(database: Database) -> LocalBus:
    queues = dict.fromkeys(sample_service().queues, database)
    return LocalBus(home=database, queues=queues, may_send=lambda sender, _: sender == "sample")


async def test_what_is_said_is_heard_once_through_a_whole_service(databases: Databases) -> None:
    database = await databases.open(sample_service())
    counted, whispered = new_id(), new_id()
    async with working(sample_service(), database, local_bus(database), sample_vault()):
        async with database.transaction() as session:
            await emit(session, *(saying(Counted(tally_id=counted, amount=1)) for _ in range(30)))
            letter = saying(Whispered(tally_id=whispered, words="five!"))
            await send(session, sample_vault(), letter)

        async def all_heard() -> bool:
            return (await tally(database, counted), await tally(database, whispered)) == (30, 5)

        await until(all_heard)


async def test_a_dead_letter_comes_back_when_a_person_wants_it(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await databases.open(sample_service())
    monkeypatch.setattr(work, "Inbox", partial(Inbox, ladder=()))
    tally_id = new_id()
    async with working(sample_service(), database, local_bus(database), sample_vault()):
        async with database.transaction() as session:
            angry = Counted(tally_id=tally_id, amount=1, mood="angry")
            await emit(session, saying(angry))

        async def failures(number: int) -> bool:
            async with database.transaction() as session:
                return await session.scalar(select(dead_letters.c.failures)) == number

        await until(lambda: failures(1))
        async with database.transaction() as session:
            [one] = await dead_letter_page(session, state=None, before=None, limit=2)
            await ask_for_replay(session, one.id, by=None, reason="try again", now=utcnow())
        await until(lambda: failures(2))
    assert await tally(database, tally_id) is None


async def test_work_ends_with_its_block_and_leaves_no_task(databases: Databases) -> None:
    database = await databases.open(sample_service())
    before = asyncio.all_tasks()
    async with working(sample_service(), database, ShelfBus(), sample_vault()):
        assert asyncio.all_tasks() > before
    assert asyncio.all_tasks() == before


async def test_work_that_cannot_begin_leaves_no_task(databases: Databases) -> None:
    database = await databases.open(sample_service())
    before = asyncio.all_tasks()
    bus = ShelfBus()
    bus.away = True
    with pytest.raises(BusUnavailableError):
        async with working(sample_service(), database, bus, sample_vault()):
            pass
    assert asyncio.all_tasks() == before


async def test_a_sweep_runs_again_at_once_while_there_is_work_and_then_rests() -> None:
    database = Database("postgresql+asyncpg://nobody@/nothing")
    settled = iter([3, 3, 1, 0])
    runs: list[datetime] = []

    async def run(_database: Database, now: datetime) -> int:
        runs.append(now)
        return next(settled)

    sweep = asyncio.create_task(
        run_sweep(Sweep("sample", timedelta(hours=1), run), database, utcnow)
    )
    await until(lambda: len(runs) == 4)
    assert not sweep.done()
    sweep.cancel()
    with suppress(asyncio.CancelledError):
        await sweep


async def test_a_database_that_is_away_is_one_line_and_a_fault_of_ours_shows_its_stack() -> None:
    database = Database("postgresql+asyncpg://nobody@/nothing?host=/nowhere")
    turns = 0

    async def work(database: Database, _now: datetime) -> int:
        nonlocal turns
        turns += 1
        if turns > 1:
            raise RuntimeError("a fault of ours")
        async with database.transaction():
            return 0

    sweep = Sweep("sample", timedelta(milliseconds=1), work)
    with capture_logs() as lines:
        tasks = [
            asyncio.create_task(run_relay(database, ShelfBus(), service="sample")),
            asyncio.create_task(run_sweep(sweep, database, utcnow)),
        ]
        events = {"relay_without_database", "sweep_without_database", "sweep_failed"}
        await until(lambda: events <= {line["event"] for line in lines})
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert {line["event"] for line in lines} == events
    for line in lines:
        assert ("exc_info" in line) == (line["event"] == "sweep_failed")


async def test_a_sweep_that_fails_comes_round_again() -> None:
    database = Database("postgresql+asyncpg://nobody@/nothing")
    runs = 0

    async def fail(_database: Database, _now: datetime) -> int:
        nonlocal runs
        runs += 1
        raise RuntimeError("not today")

    sweep = asyncio.create_task(
        run_sweep(Sweep("sample", timedelta(milliseconds=1), fail), database, utcnow)
    )
    await until(lambda: runs >= 3)
    sweep.cancel()
    with suppress(asyncio.CancelledError):
        await sweep


async def test_a_sweep_that_is_woken_in_the_moment_of_its_end_ends(databases: Databases) -> None:
    database, resting = await databases.open(sample_service()), asyncio.Event()

    async def nothing(_database: Database, _now: datetime) -> int:
        resting.set()
        return 0

    wake = asyncio.Event()
    sweep = Sweep("sample", timedelta(hours=1), nothing, wake)
    task = asyncio.create_task(run_sweep(sweep, database, utcnow))
    await resting.wait()
    await asyncio.sleep(0)  # it waits for its wake now
    wake.set()
    await asyncio.sleep(0)
    task.cancel()
    _, running = await asyncio.wait({task}, timeout=1)
    task.cancel()
    assert not running


async def test_work_ends_although_a_library_kept_its_cancellation_to_itself(
    databases: Databases,
) -> None:
    at_work = asyncio.Event()

    async def deaf_once(_database: Database, _now: datetime) -> int:
        at_work.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return 0

    service = replace(sample_service(), sweeps=(Sweep("deaf", timedelta(hours=1), deaf_once),))
    database = await databases.open(service)
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with working(service, database, local_bus(database), sample_vault()):
            await at_work.wait()
