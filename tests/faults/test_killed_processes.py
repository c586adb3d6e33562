"""Processes are killed in the middle of the work: nothing is lost, nothing counts twice."""

import asyncio
import itertools
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.faults.closings import CUSTOMERS, SETTINGS, all_closed, nothing_is_lost
from tests.flows.conftest import Edition
from tests.support.company import becomes, found_company
from tests.support.system import Running


async def killed_in_turn(running: Running, deaths: list[str]) -> None:
    """Kill one worker after the other and start it again, until cancelled."""
    for name in itertools.cycle(running.workers()):
        await running.processes[name].end(signal.SIGKILL)
        deaths.append(name)
        running.processes[name].start()
        await running.ready(name)


@pytest.mark.crash
@pytest.mark.rabbit
@pytest.mark.timeout(420)
async def test_killed_workers_lose_no_closing_and_survey_none_twice(
    processes: Edition, tmp_path: Path
) -> None:
    async with processes(tmp_path, SETTINGS) as running:
        company = await found_company(running)
        customers = [await company.customer(f"客户{n}") for n in range(CUSTOMERS)]
        deaths: list[str] = []
        tickets: list[Any] = []
        killer = asyncio.create_task(killed_in_turn(running, deaths))
        try:
            await all_closed(company, customers, 300, tickets)
        finally:
            killer.cancel()
            await asyncio.gather(killer, return_exceptions=True)
        await running.ready()
        assert set(deaths) == set(running.workers())
        await nothing_is_lost(company, tickets)


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
