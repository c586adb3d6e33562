"""The worker of feedback is killed while bad answers come: each opens one case, none is lost."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from services.feedback.loops.tables import loop_cases
from services.tickets.tickets.tables import tickets
from tests.flows.conftest import Edition
from tests.flows.recovery import Team, answers, counted, led_team, said
from tests.flows.test_e1 import links_to
from tests.support.closings import waiting
from tests.support.company import found_company
from tests.support.patience import becomes

CUSTOMERS, COMPLAINTS = 5, 8
DEATHS = 5
DRAIN_SECONDS = 120.0
"""A relay that was killed gives its rows back after a minute; the rest is a slow machine."""

SETTINGS = {"CARELOOP_LOG_LEVEL": "WARNING", "CARELOOP_DATABASE_POOL": "4"}
LET_DOWN = {"result": 1, "solved": False}


async def all_invited(team: Team) -> tuple[list[Any], list[str]]:
    """Close all complaints; return them with the links that their customers are mailed."""
    company = team.company
    closed: list[Any] = []

    async def share(name: str) -> None:
        customer = await company.customer(name, f"{name}@example.com")
        for _ in range(COMPLAINTS):
            closed.append(await team.let_down(customer))  # noqa: PERF401 one after the other

    names = [f"customer{n}" for n in range(CUSTOMERS)]
    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(share(name))

    async def links() -> list[int]:
        return [len(links_to(company, name)) for name in names]

    await becomes(links, [COMPLAINTS] * CUSTOMERS)
    return closed, [link for name in names for link in links_to(company, name)]


async def killed_while_answered(
    team: Team, links: Sequence[str], reached: Callable[[], Awaitable[bool]]
) -> None:
    """Let these customers answer at once; kill feedback's worker when it has come so far."""
    running = team.company.running
    worker = running.processes["feedback-worker"]
    async with asyncio.TaskGroup() as group:
        for link in links:
            group.create_task(answers(team.company, link, LET_DOWN))
        await becomes(reached, expected=True)
        await worker.end(signal.SIGKILL)
    worker.start()
    await running.ready("feedback-worker")


async def killed_in_the_middle(team: Team, links: Sequence[str]) -> None:
    """Kill the worker when it holds messages and has not committed: a lock keeps it there."""
    database = team.company.running.databases["feedback"]
    async with database.transaction() as session:
        await session.execute(text("LOCK TABLE loop_cases IN SHARE ROW EXCLUSIVE MODE"))

        async def waits() -> bool:
            return bool(await session.scalar(WAITING))

        await killed_while_answered(team, links, waits)


async def killed_after_the_commit(team: Team, links: Sequence[str]) -> None:
    """Kill the worker when it has committed; what it has acknowledged by then is chance."""
    before = await counted(team.company, "feedback", loop_cases)

    async def begun() -> bool:
        return await counted(team.company, "feedback", loop_cases) > before

    await killed_while_answered(team, links, begun)


WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def handled(team: Team) -> list[tuple[str, str]]:
    """Return each case's root ticket with the ticket that was opened for it, in order."""
    company = team.company
    async with company.running.databases["feedback"].transaction() as session:
        rows = await session.execute(select(loop_cases.c.ticket_id, loop_cases.c.id))
        cases = {str(case_id): str(root_id) for root_id, case_id in rows}
    recovery = tickets.c.kind == "recovery"
    async with company.running.databases["tickets"].transaction() as session:
        rows = await session.execute(
            select(tickets.c.recovers_ticket_id, tickets.c.source_ref).where(recovery)
        )
        return sorted((str(root), cases.get(case_id, "")) for root, case_id in rows)


@pytest.mark.crash
@pytest.mark.rabbit
@pytest.mark.timeout(420)
async def test_a_killed_worker_opens_no_case_twice_and_loses_none(
    processes: Edition, tmp_path: Path
) -> None:
    async with processes(tmp_path, SETTINGS) as running:
        team = await led_team(await found_company(running))
        closed, links = await all_invited(team)
        for first in range(DEATHS):
            killed = killed_after_the_commit if first % 2 else killed_in_the_middle
            await killed(team, links[first::DEATHS])

        ids = sorted(ticket["id"] for ticket in closed)
        expected = [(ticket_id, ticket_id) for ticket_id in ids]
        await becomes(lambda: handled(team), expected, patience=DRAIN_SECONDS)
        await becomes(lambda: waiting(running), (0, 0), patience=DRAIN_SECONDS)
        assert await counted(team.company, "feedback", loop_cases) == len(closed)
        for service, kind in (("feedback", "loop_opened"), ("tickets", "recovery_taken")):
            name = "feedback." if service == "feedback" else "ticket."
            told = await said(team.company, service, f"{name}{kind}")
            assert len({one["case_id"] for one in told}) == len(told) == len(closed)
