"""Every process is replaced under load, as an upgrade does it, and nobody outside notices."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.conftest import Note
from tests.flows.conftest import Edition
from tests.flows.test_e1 import solved_and_confirmed
from tests.support.answers import Answers
from tests.support.closings import CUSTOMERS, DRAIN_SECONDS, SETTINGS, waiting
from tests.support.company import Caller, Company, found_company
from tests.support.patience import becomes
from tests.support.system import Running

BETWEEN = 12
"""Complaints closed before the next ones go: all work meanwhile."""

LOOKS_EVERY_SECONDS = 0.5
"""The balancer's; a process must serve on for longer than that, and than an answer takes."""

DRAINED = {**SETTINGS, "CARELOOP_DRAIN_SECONDS": "5"}


@asynccontextmanager
async def balanced(running: Running) -> AsyncIterator[None]:
    """Send requests only to APIs that say that they are ready; nobody tells who will end."""
    every = {name: list(ports) for name, ports in running.ports.items()}

    async def ready(client: httpx.AsyncClient, port: int) -> bool:
        try:
            answer = await client.get(f"http://127.0.0.1:{port}/readyz")
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    async def looks() -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                for name, ports in every.items():
                    seen = await asyncio.gather(*(ready(client, port) for port in ports))
                    running.ports[name][:] = [
                        port for port, good in zip(ports, seen, strict=True) if good
                    ]
                await asyncio.sleep(LOOKS_EVERY_SECONDS)

    task = asyncio.create_task(looks())
    try:
        yield
        assert not task.done(), task.exception()
    finally:
        task.cancel()


async def replaced(running: Running, names: Sequence[str]) -> list[int | None]:
    """End processes as an orchestrator does, start them again; return how they ended."""
    codes = await asyncio.gather(*(running.processes[name].end() for name in names))
    for name in names:
        running.processes[name].start()
    await running.ready(*names)
    return codes


async def files(company: Company, customer: Caller, closed: list[Any], over: asyncio.Event) -> None:
    """File and close one complaint after the other until it is over; nothing is tried again."""
    while not over.is_set():
        closed.append(await solved_and_confirmed(company, customer))


async def books(company: Company) -> dict[str, Any]:
    """Return what the books say and what is counted."""
    shown = await company.books()
    counted = await company.figures("complaint_count", field="n")
    return {name: shown[name] for name in ("closed", "invited", "suppressed")} | counted


@pytest.mark.crash
@pytest.mark.rabbit
@pytest.mark.feature("N-04")
@pytest.mark.timeout(900)
async def test_a_rolling_restart_under_load_fails_no_request_and_loses_no_closing(
    processes: Callable[..., Any], tmp_path: Path, note: Note
) -> None:
    two: Edition = partial(processes, apis=2)
    async with two(tmp_path, DRAINED) as running:
        company = await found_company(running)
        customers = [await company.customer(f"客户{n}") for n in range(CUSTOMERS)]
        answers, over, codes = Answers(), asyncio.Event(), set()
        answers.watch(running.client)
        closed: list[Any] = []

        async def all_replaced() -> None:
            for part in ("api", "api2", "worker"):
                await _more(closed, BETWEEN)
                names = [name for name in running.processes if name.endswith(f"-{part}")]
                codes.update(await replaced(running, names))
            await _more(closed, BETWEEN)
            over.set()

        async with balanced(running), asyncio.TaskGroup() as group:
            group.create_task(all_replaced())
            for customer in customers:
                group.create_task(files(company, customer, closed, over))
        count = len(closed)
        wanted = {"closed": count, "invited": count, "suppressed": 0, "complaint_count": count}
        await becomes(lambda: books(company), wanted, patience=DRAIN_SECONDS)
        await becomes(lambda: waiting(running), (0, 0), patience=DRAIN_SECONDS)
        assert codes == {0}
        assert set(answers.statuses) <= {200, 201, 204}
        note(
            f"{answers.statuses.total()} requests to 15 processes, all replaced, none failed, "
            f"p95 {answers.p95():.2f} s"
        )


async def _more(closed: list[Any], count: int) -> None:
    """Return when so many more are closed."""
    enough = len(closed) + count

    async def reached() -> bool:
        return len(closed) >= enough

    await becomes(reached, expected=True)
