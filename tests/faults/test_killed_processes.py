"""Processes are killed in the middle of the work: nothing is lost, nothing counts twice."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Note
from tests.flows.conftest import Edition
from tests.support.closings import CUSTOMERS, SETTINGS, all_closed, nothing_is_lost
from tests.support.company import found_company
from tests.support.patience import becomes
from tests.support.rabbitmq import RabbitNode
from tests.support.system import Running

COMPLAINTS = 2000
COMPLAINING = 12
AT_ONCE = 4
"""So many are killed together at most: half of the system, with or without its broker."""

ROUNDS = 40
"""Each of the eleven has its turn some nine times; what starts takes the time of what works."""

BROKER = "broker"

NOTICE_SECONDS = 400.0
"""Eight thousand notices leave after the figures are right, some thirty a second."""


class Killer:
    """Kills some of the processes and the broker, lets them come back, and begins again."""

    def __init__(
        self, running: Running, broker: RabbitNode, seed: int, tickets: Sequence[Any]
    ) -> None:
        self.deaths: Counter[str] = Counter()
        self._running = running
        self._broker = broker
        self._random = random.Random(seed)
        self._tickets = tickets

    async def until_all_is_closed(self) -> None:
        """Choose victims by chance and in turns, so that everybody is killed equally often."""
        turn: list[str] = []
        for round_ in range(1, ROUNDS):
            while len(self._tickets) * ROUNDS < round_ * COMPLAINTS:
                await asyncio.sleep(0.05)
            if len(turn) < AT_ONCE:
                everybody = [*self._running.processes, BROKER]
                turn += self._random.sample(everybody, len(everybody))
            count = self._random.randint(1, AT_ONCE)
            victims, turn = set(turn[:count]), turn[count:]
            await self._kill(victims)

    async def _kill(self, victims: set[str]) -> None:
        processes = [self._running.processes[name] for name in victims - {BROKER}]
        killed = [process.end(signal.SIGKILL) for process in processes]
        await asyncio.gather(*killed, *([self._broker.kill()] if BROKER in victims else []))
        self.deaths.update(victims)
        for process in processes:
            process.start()
        if BROKER in victims:
            await self._broker.start()
        await self._running.ready(*(process.name for process in processes))


async def left_in_the_broker(running: Running, broker: RabbitNode) -> dict[str, int]:
    """Return how many messages each queue of this system still has, if any."""
    counts = await broker.messages()
    return {name: counts[name] for name in running.queues if counts[name]}


@pytest.mark.crash
@pytest.mark.rabbit
@pytest.mark.feature("N-02")
@pytest.mark.timeout(1500)
async def test_killed_apis_workers_and_broker_lose_no_closing_and_survey_none_twice(
    processes: Edition, rabbit: RabbitNode, tmp_path: Path, note: Note
) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(2**32))
    print(f"SEED={seed}")  # noqa: T201 - the same victims again: SEED=… make faults
    async with processes(tmp_path, SETTINGS) as running:
        company = await found_company(running)
        customers = [await company.customer(f"客户{n}") for n in range(COMPLAINING)]
        tickets: list[Any] = []
        killer, begun = Killer(running, rabbit, seed, tickets), time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(killer.until_all_is_closed())
            group.create_task(all_closed(company, customers, COMPLAINTS, tickets))
        assert set(killer.deaths) == {*running.processes, BROKER}
        done = time.monotonic()
        await nothing_is_lost(company, tickets)
        await becomes(lambda: left_in_the_broker(running, rabbit), {}, patience=NOTICE_SECONDS)
        note(
            f"{len(tickets)} closed in {done - begun:.0f} s, {killer.deaths.total()} killed, "
            f"{killer.deaths[BROKER]} times the broker; all counted {time.monotonic() - done:.0f} s"
            f" later; SEED={seed}"
        )


@pytest.mark.crash
@pytest.mark.timeout(300)
async def test_a_killed_standalone_edition_goes_on_where_it_was(
    in_one: Edition, tmp_path: Path
) -> None:
    async with in_one(tmp_path, SETTINGS) as running:
        company = await found_company(running)
        customers = [await company.customer(f"客户{n}") for n in range(CUSTOMERS)]
        process = running.processes["run"]
        tickets: list[Any] = []

        async def killed_in_the_middle() -> None:
            await becomes(lambda: reached(tickets, 20), expected=True)
            await process.end(signal.SIGKILL)
            assert len(tickets) < 50
            process.start()

        async with asyncio.TaskGroup() as group:
            group.create_task(killed_in_the_middle())
            group.create_task(all_closed(company, customers, 50, tickets))
        await nothing_is_lost(company, tickets)


async def reached(tickets: Sequence[Any], count: int) -> bool:
    """Return whether so many are closed."""
    return len(tickets) >= count
