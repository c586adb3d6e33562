"""What the flows of recovery share: a led team, complaints with a bad end, cases as seen by it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from shared.outbox.tables import outbox
from tests.flows.test_e1 import links_to
from tests.support.company import Caller, Company, somebody
from tests.support.patience import sooner_or_later


@dataclass(frozen=True)
class Team:
    """The company's team with who leads it."""

    company: Company
    id: str
    supervisor: Caller

    async def let_down(self, customer: Caller, words: str = "还是漏气") -> Any:
        """Play a complaint to its closing, handled by the team."""
        ticket = await customer.does(
            "/my/tickets", {"kind": "complaint", "subject": words, "description": words}
        )
        path = f"/tickets/{ticket['id']}"
        await self.supervisor.does(f"{path}/assign", {"org_unit_id": self.id})
        await self.company.agent.does(f"{path}/replies", {"body": "马上安排"})
        await self.solve(ticket)
        await customer.does(f"/my{path}/confirm")
        return ticket

    async def solve(self, ticket: Any) -> None:
        """Let the agent give a solution."""
        solution = {"reason": "solved", "solution": "已更换软管。"}
        await self.company.agent.does(f"/tickets/{ticket['id']}/resolve", solution)

    async def case_of(self, ticket: Any) -> Any:
        """Return the one case of a root ticket as soon as its recovery is taken."""

        async def look() -> Any:
            cases = (await self.supervisor.get("/loop-cases", ticket_id=ticket["id"]))["data"]
            assert len(cases) <= 1
            taken = cases and cases[0]["handling_ticket_id"]
            return await self.case(cases[0]["id"]) if taken else None

        return await sooner_or_later(look)

    async def case(self, case_id: str) -> Any:
        """Return a case, whole."""
        return await self.supervisor.get(f"/loop-cases/{case_id}")


async def led_team(company: Company) -> Team:
    """Hire a supervisor for the agent's team, whom every service knows."""
    admin = await somebody(company.running, "admin")
    people = (await admin.get("/staff"))["data"]
    ((team,),) = [one["org_unit_ids"] for one in people if one["id"] == company.agent.id]
    hired = await admin.does(
        "/staff", {"name": "小秦", "roles": ["agent", "supervisor"], "org_unit_ids": [team]}
    )
    supervisor = await somebody(company.running, "supervisor", hired["id"])

    async def known() -> bool | None:
        doors = [
            await company.running.client.get(
                f"/api/v1{path}", headers={"Authorization": f"Bearer {supervisor.token}"}
            )
            for path in ("/loop-cases", "/invitations", "/tickets", "/metrics")
        ]
        return all(answer.is_success for answer in doors) or None

    await sooner_or_later(known)
    return Team(company, team, supervisor)


async def survey_link(company: Company, name: str, number: int) -> str:
    """Return the token of the n-th survey that somebody is mailed."""

    async def look() -> str | None:
        found = links_to(company, name)
        return found[number - 1] if len(found) >= number else None

    return await sooner_or_later(look)


async def answers(company: Company, token: str, given: dict[str, Any]) -> None:
    """Answer a survey, over a line that may break."""
    anybody = Caller("", company.running.client, None)
    await anybody.does(f"/public/surveys/{token}", {"answers": given})


async def said(company: Company, service: str, event_type: str) -> list[Any]:
    """Return what a service said of a type."""
    statement = select(outbox.c.data).where(outbox.c.type == event_type).order_by(outbox.c.id)
    async with company.running.databases[service].transaction() as session:
        return list(await session.scalars(statement))


async def counted(company: Company, service: str, table: Any) -> int:
    """Count the rows of a table of a service."""
    async with company.running.databases[service].transaction() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0
