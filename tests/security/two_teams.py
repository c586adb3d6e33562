"""The whole system with two teams in it that have nothing to do with each other."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.flows.recovery import Team, answers, led_team, survey_link
from tests.support.company import Caller, found_company
from tests.support.patience import sooner_or_later
from tests.support.system import Running

DOCUMENT: Final = json.loads(
    Path(__file__).parents[2].joinpath("docs/openapi.json").read_text(encoding="utf-8")
)
LOW: Final = {"result": 1, "solved": False, "recommend": 2, "comment": "还是漏气"}


@dataclass(frozen=True)
class Side:
    """A team, a customer of it, and the ids of all that belongs to them, by name."""

    team: Team
    customer: Caller
    ids: Mapping[str, str]
    link: str

    @property
    def people(self) -> dict[str, Caller]:
        return {
            "agent": self.team.company.agent,
            "supervisor": self.team.supervisor,
            "customer": self.customer,
        }


async def a_side(running: Running, name: str) -> Side:
    """Hire a team and let down a customer of it: ticket, answer, case, recovery, feedback."""
    team = await led_team(await found_company(running))
    customer = await team.company.customer(name, f"{name}@example.com")
    ticket = await team.let_down(customer)
    link = await survey_link(team.company, name, 1)
    await answers(team.company, link, LOW)
    case = await team.case_of(ticket)
    lead = team.supervisor

    async def first(path: str, **query: str) -> Any:
        async def look() -> Any:
            rows = (await lead.get(path, **query))["data"]
            return rows[0] if rows else None

        return await sooner_or_later(look)

    invitation = await first("/invitations", ticket_id=ticket["id"])
    response = await first("/responses", ticket_id=ticket["id"])
    item = await first("/feedback")
    ids = {
        "ticket_id": ticket["id"],
        "recovery_id": case["handling_ticket_id"],
        "case_id": case["id"],
        "invitation_id": invitation["id"],
        "response_id": response["id"],
        "item_id": item["id"],
        "customer_id": customer.id,
    }
    return Side(team, customer, ids, link)


@dataclass(frozen=True)
class Operation:
    """One operation of the document, with a body that it would take."""

    method: str
    path: str
    parameters: tuple[str, ...]
    needed: Mapping[str, str]
    content: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    async def ask(self, who: Caller, path: str, **query: str) -> httpx.Response:
        """Ask as somebody, with the example of the document as body."""
        headers = {"Authorization": f"Bearer {who.token}", "Idempotency-Key": str(uuid4())}
        return await who.client.request(
            self.method, path, json=self.content, headers=headers, params={**self.needed, **query}
        )


def operations() -> Iterator[Operation]:
    """Give every operation of the document."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            names = [one["name"] for one in operation.get("parameters", ())]
            yield Operation(
                method.upper(), path, tuple(names), _needed(operation), _example(operation)
            )


def _needed(operation: Mapping[str, Any]) -> dict[str, str]:
    """Return a value for each code that an operation must be told in its address."""
    return {
        one["name"]: codes[0]
        for one in operation.get("parameters", ())
        if one["in"] == "query" and one.get("required")
        for codes in [_codes(one["schema"])]
        if codes
    }


def _codes(schema: Mapping[str, Any]) -> list[str]:
    name = schema.get("$ref", "").rpartition("/")[2]
    known: list[str] = DOCUMENT["components"]["schemas"].get(name, schema).get("enum", [])
    return known


def _example(operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body is None:
        return None
    name = body["schema"].get("$ref", "").rpartition("/")[2]
    schema = DOCUMENT["components"]["schemas"].get(name, body["schema"])
    shown: Mapping[str, Any] = body.get("example") or schema.get("examples", [{}])[0]
    return shown
