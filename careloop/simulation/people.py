"""The simulated company: its own team, so that its figures are exactly this simulation's."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from careloop.simulation.system import System


@dataclass(frozen=True, slots=True)
class Crew:
    """Tokens of those who work, and the team that all tickets go to."""

    team_id: str
    agent: str
    supervisor: str
    manager: str


async def hire(system: System) -> Crew:
    """Make a team below the company with an agent and a supervisor of its own."""
    admin, manager = await system.token("admin"), await system.token("manager")
    units = (await system.get(admin, "/org-units"))["data"]
    name = f"演练{uuid4().hex[:6]}"
    team = await _made(
        system, admin, "/org-units", {"name": name, "kind": "team", "parent_id": units[0]["id"]}
    )
    people = [
        await _made(
            system,
            admin,
            "/staff",
            {"name": f"{name}{role}", "roles": [role], "org_unit_ids": [team["id"]]},
        )
        for role in ("agent", "supervisor")
    ]
    agent, supervisor = [
        await system.token_when_known(role, person["id"])
        for role, person in zip(("agent", "supervisor"), people, strict=True)
    ]
    return Crew(team["id"], agent, supervisor, manager)


async def _made(system: System, token: str, path: str, body: Any) -> Any:
    answer = await system.post(token, path, body)
    answer.raise_for_status()
    return answer.json()
