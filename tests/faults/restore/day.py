"""A day of work, and the test's own count of it."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.reporting.rebuild.rebuild import rebuild
from tests.faults.restore.house import (
    PATIENCE_SECONDS,
    House,
    anybody,
    at_home,
    back_home,
    differences,
    figures,
    open_cases,
    settled,
    token_about,
)
from tests.support.company import Caller, Company
from tests.support.patience import becomes, sooner_or_later
from tests.support.system import Running

LOW = 2
"""At most so many of five open a case of the ticket, which stays open in these tests."""


@dataclass
class Day:
    """What a test did, for its own count: closed complaints, scores that were given, loop cases."""

    house: House
    company: Company
    customer: Caller
    closed: list[str] = field(default_factory=list)
    scores: dict[str, int] = field(default_factory=dict)
    cases: set[str] = field(default_factory=set)

    @property
    def running(self) -> Running:
        return self.company.running

    async def files(self) -> str:
        words = {"kind": "complaint", "subject": "燃气灶", "description": "打不着火"}
        ticket = await self.customer.does("/my/tickets", words)
        return str(ticket["id"])

    async def solves(self, ticket: str) -> None:
        solution = {"reason": "solved", "solution": "已更换电池"}
        await self.company.agent.does(f"/tickets/{ticket}/replies", {"body": "马上安排"})
        await self.company.agent.does(f"/tickets/{ticket}/resolve", solution)

    async def confirms(self, ticket: str) -> None:
        await self.customer.does(f"/my/tickets/{ticket}/confirm")
        self.closed.append(ticket)

    async def answers(self, ticket: str, score: int) -> str:
        token = await sooner_or_later(lambda: token_about(self.house, self.running, ticket))
        answers = {"result": score, "solved": True, "recommend": 9}
        await anybody(self.running).does(f"/public/surveys/{token}", {"answers": answers})
        self.scores[ticket] = score
        if score <= LOW:
            self.cases.add(ticket)
        return token

    async def plays(self, score: int) -> str:
        ticket = await self.files()
        await self.solves(ticket)
        await self.confirms(ticket)
        await self.answers(ticket, score)
        return ticket

    async def counted(self) -> dict[str, Any]:
        """Return what the system counts."""
        books = await self.company.books()
        shown = await self.company.figures("csat_score", field="n")
        mean = await self.company.figures("csat_score")
        filed = await self.company.figures("complaint_count", field="n")
        return {
            "balanced": books["balanced"],
            "closed": books["closed"],
            "told": books["invited"] + books["suppressed"],
            "answers": shown["csat_score"],
            "csat": mean["csat_score"],
            "complaints": filed["complaint_count"],
            "cases": await open_cases(self.running),
        }

    def expected(self, filed: int) -> dict[str, Any]:
        """Count by hand; CSAT is the mean of 1 to 5, shown out of 100."""
        scores = list(self.scores.values())
        return {
            "balanced": True,
            "closed": len(self.closed),
            "told": len(self.closed),
            "answers": len(scores),
            "csat": pytest.approx(20 * sum(scores) / len(scores)),
            "complaints": filed,
            "cases": len(self.cases),
        }


async def begun(house: House, running: Running) -> Day:
    company = await at_home(running)
    return Day(house, company, await company.customer("王女士", "wang@example.com"))


async def goes_on(day: Day, running: Running) -> None:
    """Let the same people work with the system that runs now."""
    day.company = await back_home(running, day.company)
    day.customer = Caller(day.customer.id, running.client, day.customer.token)


async def agrees(day: Day, filed: int) -> None:
    """See that all figures are what was counted by hand, and that a rebuild changes none."""
    await settled(day.running)
    await becomes(day.counted, day.expected(filed), patience=PATIENCE_SECONDS)
    await settled(day.running)
    assert await differences(day.house, day.running) == []
    before = await figures(day.running)
    zone = ZoneInfo(day.house.common.zone)
    assert await rebuild(day.running.databases["reporting"], zone) is not None
    assert await figures(day.running) == before
