"""Complaints that are closed whatever breaks meanwhile, and what must have become of them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from shared.database import Database
from shared.dead_letters.tables import dead_letters
from shared.outbox.tables import outbox
from tests.support.company import Caller, Company
from tests.support.patience import becomes, sooner_or_later
from tests.support.system import Running

CUSTOMERS = 6
SPAM_EVERY = 15

DRAIN_SECONDS = 150.0
"""A relay that was killed gives its rows back after a minute; the rest is a slow machine."""

SETTINGS = {"CARELOOP_LOG_LEVEL": "WARNING", "CARELOOP_DATABASE_POOL": "4"}


async def closed(company: Company, customer: Caller, number: int) -> Any:
    """Play a complaint to its end; every step is repeated until it is answered, as clients do."""
    spam = number % SPAM_EVERY == 0
    agent = company.agent
    words = {"subject": f"第{number}件", "description": "燃气灶打不着火"}
    ticket = await customer.insists("/my/tickets", {"kind": "complaint"} | words)
    path = f"/tickets/{ticket['id']}"
    await agent.insists(f"{path}/replies", {"body": "马上安排"})
    reason = "spam" if spam else "solved"
    await agent.insists(f"{path}/resolve", {"reason": reason, "solution": "已更换电池"})
    return await customer.insists(f"/my{path}/confirm")


async def all_closed(
    company: Company, customers: Sequence[Caller], count: int, tickets: list[Any]
) -> None:
    """Let every customer file his share, one complaint after the other; collect the tickets."""

    async def share(customer: Caller, numbers: range) -> None:
        for number in numbers:
            tickets.append(await closed(company, customer, number))  # noqa: PERF401 at once

    async with asyncio.TaskGroup() as group:
        for first, customer in enumerate(customers):
            group.create_task(share(customer, range(first, count, len(customers))))


async def waiting(running: Running) -> tuple[int, int]:
    """Count messages that are not published yet, and those that were given up."""
    databases = running.databases.values()
    unpublished = sum([await unsaid(database) for database in databases])
    return unpublished, sum([await given_up(database) for database in databases])


async def unsaid(database: Database) -> int:
    """Count what waits in an outbox."""
    statement = select(func.count()).where(outbox.c.published_at.is_(None))
    async with database.transaction() as session:
        return await session.scalar(statement) or 0


async def given_up(database: Database) -> int:
    """Count the dead letters, settled ones too."""
    async with database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(dead_letters)) or 0


async def counted(company: Company) -> dict[str, Any]:
    """Return the books and what the figures count."""
    books = await company.books()
    metrics = ("complaint_count", "first_response_time", "resolution_time", "cpr", "reopen_rate")
    return {
        "books": {name: books[name] for name in ("closed", "invited", "suppressed", "balanced")},
        "n": await company.figures(*metrics, field="n"),
        "mean": await company.figures("resolution_time", "reopen_rate"),
    }


def expected(tickets: Sequence[Any]) -> dict[str, Any]:
    """Count by hand: all are complaints, replied to and resolved in time, never reopened."""
    count = len(tickets)
    spam = len(range(0, count, SPAM_EVERY))
    spent = [
        datetime.fromisoformat(one["resolved_at"]) - datetime.fromisoformat(one["created_at"])
        for one in tickets
    ]
    metrics = ("complaint_count", "first_response_time", "resolution_time", "cpr", "reopen_rate")
    books = {"closed": count, "invited": count - spam, "suppressed": spam, "balanced": True}
    mean = sum(int(one.total_seconds()) for one in spent) / count
    return {
        "books": books,
        "n": dict.fromkeys(metrics, count) | {"cpr": 0},  # no limit of 48 hours is over yet
        "mean": {"resolution_time": pytest.approx(mean), "reopen_rate": 0},
    }


async def nothing_is_lost(company: Company, tickets: Sequence[Any]) -> None:
    """Wait until all is counted, and once more after a rebuild."""
    assert len({one["number"] for one in tickets}) == len(tickets)
    wanted = expected(tickets)
    await becomes(lambda: counted(company), wanted, patience=DRAIN_SECONDS)
    await becomes(lambda: waiting(company.running), (0, 0), patience=DRAIN_SECONDS)
    asked = await company.operator.does("/reporting/rebuild")

    async def rebuilt() -> bool | None:
        shown = await company.operator.get(f"/reporting/rebuild/{asked['id']}")
        return shown["state"] == "done" or None

    await sooner_or_later(rebuilt)
    assert await counted(company) == wanted
