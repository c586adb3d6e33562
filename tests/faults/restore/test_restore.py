"""One service is set back to an older backup while the others know more; then all agree again."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from careloop.backup.manifest import read_manifest
from services.reporting.rebuild.rebuild import rebuild
from standalone.compose import NAMES
from tests.faults.restore.house import (
    House,
    anybody,
    at_home,
    back_home,
    figures,
    settled,
    token_about,
)
from tests.support.company import Caller, Company, becomes, sooner_or_later
from tests.support.system import Running

pytestmark = pytest.mark.timeout(600)  # everything in one process, beside whatever else runs


@dataclass
class Day:
    """What a test did, for its own count: closed complaints, and the scores that were given."""

    house: House
    company: Company
    customer: Caller
    closed: list[str] = field(default_factory=list)
    scores: dict[str, int] = field(default_factory=dict)

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
    await becomes(day.counted, day.expected(filed))
    await settled(day.running)
    before = await figures(day.running)
    zone = ZoneInfo(day.house.common.zone)
    assert await rebuild(day.running.databases["reporting"], zone) is not None
    assert await figures(day.running) == before


async def test_tickets_are_set_back_and_what_followed_from_what_they_forgot_is_undone(
    house: House, tmp_path: Path
) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        late = await day.files()
        await day.solves(late)
        await settled(running)
        await house.save(tmp_path / "backup")
        await day.confirms(late)
        old_link = await day.answers(late, 1)
        forgotten = await day.plays(2)
        await agrees(day, filed=3)
    await house.set_back(tmp_path / "backup", "tickets")
    async with house.open() as running:
        await goes_on(day, running)
        for ticket in (late, forgotten):
            day.closed.remove(ticket)
            del day.scores[ticket]
        await agrees(day, filed=2)
        gone = await running.client.get(f"/api/v1/public/surveys/{old_link}")
        assert gone.status_code == 404
        await day.confirms(late)
        await day.answers(late, 4)
        await day.plays(3)
        await agrees(day, filed=3)


async def test_surveys_are_set_back_and_ask_again(house: House, tmp_path: Path) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        await settled(running)
        await house.save(tmp_path / "backup")
        again = await day.plays(3)
        await agrees(day, filed=2)
    await house.set_back(tmp_path / "backup", "surveys")
    async with house.open() as running:
        await goes_on(day, running)
        del day.scores[again]
        await agrees(day, filed=2)
        await day.answers(again, 4)
        await day.plays(5)
        await agrees(day, filed=3)


@pytest.mark.parametrize("service", ["reporting", "feedback", "integrations"])
async def test_who_only_listens_is_set_back_and_hears_what_he_missed(
    house: House, tmp_path: Path, service: str
) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        await settled(running)
        await house.save(tmp_path / "backup")
        await day.plays(4)
        await agrees(day, filed=2)
    await house.set_back(tmp_path / "backup", service)
    async with house.open() as running:
        await goes_on(day, running)
        await agrees(day, filed=2)
        await day.plays(3)
        await agrees(day, filed=3)


async def test_everything_is_restored_onto_empty_databases_as_of_one_moment(
    house: House, tmp_path: Path
) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        over = asyncio.Event()

        async def work() -> None:
            while not over.is_set():
                await day.plays(4)

        async with asyncio.TaskGroup() as group:
            group.create_task(work())
            await sooner_or_later(_true_when(lambda: len(day.closed) > 2))
            await house.save(tmp_path / "backup")
            over.set()
    assert read_manifest(tmp_path / "backup").seconds > 0
    other = House(house.server, house.common.secrets)
    await other.build()
    try:
        await other.set_back(tmp_path / "backup", *NAMES, force=False)
        async with other.open() as running:
            day.house = other
            await goes_on(day, running)
            await settled(running)
            day.closed, day.scores = await _in_tickets(running), await _in_surveys(running)
            assert len(day.closed) > 2
            await agrees(day, filed=await _filed(running))
            await day.plays(3)
            await agrees(day, filed=await _filed(running))
    finally:
        await other.end()


def _true_when(condition: Any) -> Any:
    async def look() -> bool | None:
        return condition() or None

    return look


async def _in_tickets(running: Running) -> list[str]:
    async with running.databases["tickets"].transaction() as session:
        rows = await session.scalars(text("SELECT id FROM tickets WHERE state = 'closed'"))
        return [str(one) for one in rows]


async def _filed(running: Running) -> int:
    async with running.databases["tickets"].transaction() as session:
        return await session.scalar(text("SELECT count(*) FROM tickets")) or 0


async def _in_surveys(running: Running) -> dict[str, int]:
    wanted = (
        "SELECT ticket_id, satisfaction FROM responses"
        " JOIN invitations ON invitations.id = responses.invitation_id"
    )
    async with running.databases["surveys"].transaction() as session:
        return {str(one): score for one, score in await session.execute(text(wanted))}
