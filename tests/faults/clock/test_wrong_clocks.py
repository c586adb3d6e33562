"""Half of the machines are ten minutes ahead, half ten behind: nobody outside notices."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from shared.outbox.tables import outbox
from tests.faults.conftest import Note
from tests.flows.conftest import Edition
from tests.flows.recovery import answers
from tests.flows.test_e1 import filed, links_to, replied, resolved
from tests.support.closings import SETTINGS, waiting
from tests.support.company import Company, found_company
from tests.support.patience import becomes
from tests.support.processes import free_ports
from tests.support.system import Running

AHEAD, BEHIND = "600", "-600"
DUE_SECONDS = 4
"""Long over for who is ahead, far away for who is behind."""

NAMES = [f"clock{number}" for number in range(8)]
ONCE = [1] * len(NAMES)

HERE = {
    **SETTINGS,
    "CARELOOP_TICKETS_CONFIRMATION_SECONDS": str(DUE_SECONDS),
    "CARELOOP_FEEDBACK_CONTACT_SECONDS": str(DUE_SECONDS),
}

PROGRAM = (str(Path(__file__).with_name("skewed.py")),)


async def on_wrong_machines(running: Running) -> None:
    """Give every worker a twin, and replace every process by one whose clock is wrong."""
    for first in running.workers():
        twin, (port,) = f"{first}2", free_ports(1)
        arguments = (*running.processes[first].arguments[:-1], str(port))
        running.processes[twin] = replace(running.processes[first], name=twin, arguments=arguments)
        running.health[twin] = f"http://127.0.0.1:{port}/readyz"
    for name, process in running.processes.items():
        await process.end()
        skew = BEHIND if name.endswith("2") else AHEAD
        process.program, process.settings = PROGRAM, {**process.settings, "SKEWED_SECONDS": skew}
        process.start()
    await running.ready()


@pytest.mark.crash
@pytest.mark.rabbit
@pytest.mark.timeout(600)
async def test_machines_twenty_minutes_apart_close_invite_and_warn_in_time_and_once(
    processes: Callable[..., Any], tmp_path: Path, note: Note
) -> None:
    two: Edition = partial(processes, apis=2)
    async with two(tmp_path, HERE) as running:
        try:
            begun = datetime.now(UTC)
            await on_wrong_machines(running)
            company = await found_company(running)
            tickets = [await left_to_time(company, name) for name in NAMES]
            await becomes(lambda: _mailed(company), ONCE)
            for name in NAMES:
                bad = {"result": 1, "solved": False}
                await answers(company, links_to(company, name)[0], bad)
            await becomes(lambda: _times(company, "feedback", "feedback.loop_overdue"), ONCE)
            await everything_once(company)
            closed = [await company.agent.get(f"/tickets/{ticket['id']}") for ticket in tickets]
        finally:
            await end_twins(running)
    waited = [_instant(one, "closed_at") - _instant(one, "resolved_at") for one in closed]
    assert min(waited) >= timedelta(seconds=DUE_SECONDS)
    instants = [_instant(one, name) for one in closed for name in ("created_at", "closed_at")]
    assert begun < min(instants)
    assert max(instants) < datetime.now(UTC)
    note(f"{DUE_SECONDS} s were given; closed after {max(waited).total_seconds():.1f} s at most")


async def left_to_time(company: Company, name: str) -> Any:
    """Solve somebody's complaint, which nobody confirms."""
    ticket = await filed(await company.customer(name, f"{name}@example.com"))
    await replied(company, ticket)
    await resolved(company, ticket)
    return ticket


async def everything_once(company: Company) -> None:
    """Wait until all is counted, and see that nothing was said or mailed again."""
    count = len(NAMES)
    wanted = {"closed": count, "invited": count, "suppressed": 0, "balanced": True}
    await becomes(lambda: _books(company), wanted)
    await becomes(lambda: waiting(company.running), (0, 0))
    assert await _times(company, "tickets", "ticket.closed") == ONCE
    assert await _times(company, "surveys", "survey.invited") == ONCE
    assert await _times(company, "feedback", "feedback.loop_overdue") == ONCE
    assert await _mailed(company) == ONCE


async def end_twins(running: Running) -> None:
    """End the second workers, of whom the system does not know."""
    for name, process in running.processes.items():
        if name.endswith("-worker2"):
            await process.end()
            print(process.tail())  # noqa: T201 - what pytest shows of a failure


async def _times(company: Company, service: str, event_type: str) -> Sequence[int]:
    """Return how often a service said something of each subject."""
    statement = select(outbox.c.subject).where(outbox.c.type == event_type)
    async with company.running.databases[service].transaction() as session:
        return sorted(Counter(await session.scalars(statement)).values())


async def _mailed(company: Company) -> list[int]:
    return [len(links_to(company, name)) for name in NAMES]


async def _books(company: Company) -> dict[str, Any]:
    books = await company.books()
    return {name: books[name] for name in ("closed", "invited", "suppressed", "balanced")}


def _instant(ticket: Any, name: str) -> datetime:
    return datetime.fromisoformat(ticket[name])
