"""Who may do what: every operation, every role, what is his and what is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from fastapi.routing import APIRoute

from services.tickets.customers.keep_customer import add_stub
from services.tickets.service import create_service
from services.tickets.settings import TicketSettings
from services.tickets.tickets.open_ticket import Intake, TicketRequest, open_ticket
from services.tickets.tickets.vocabulary import Channel, Kind
from shared.auth.actor import SYSTEM, Role
from shared.auth.rights import Scope
from shared.clock import utcnow
from shared.ids import new_id
from shared.settings import CommonSettings
from tests.support.people import VAULT, Person
from tests.tickets.conftest import Desk
from tests.tickets.history_steps import MAPPING, handed_in, line, written

READ: Final = {"agent": "own", "supervisor": "own", "manager": "all"}
WORK: Final = {"agent": "own", "supervisor": "own"}
LEAD: Final = {"supervisor": "own"}
MINE: Final = {"customer": "own"}
SERVE: Final = {"agent": "all", "supervisor": "all"}
LOOK: Final = SERVE | {"manager": "all"}
ADMIN: Final = {"admin": "all"}
PARTNER: Final = {"partner": "own"}
HISTORY: Final = {"manager": "all"}
EVERYBODY: Final = LOOK | ADMIN | PARTNER | {"operator": "all", "auditor": "all", "customer": "all"}

T: Final = "/api/v1/tickets"
MY: Final = "/api/v1/my/tickets"
IMPORTS: Final = "/api/v1/imports"
WORDS: Final = {"body": "明天上门。"}
NEW_TICKET: Final = {"kind": "repair", "channel": "phone", "subject": "漏水", "description": "漏"}
RIGHTS: Final[dict[str, tuple[dict[str, str], Any]]] = {
    f"POST {T}": (SERVE, NEW_TICKET),
    f"GET {T}": (LOOK, None),
    f"GET {T}/{{ticket_id}}": (READ, None),
    f"GET {T}/{{ticket_id}}/history": (READ, None),
    f"GET {T}/{{ticket_id}}/messages": (READ, None),
    f"PATCH {T}/{{ticket_id}}": (WORK, {"subject": "改", "version": 1}),
    f"POST {T}/{{ticket_id}}/update": (WORK, {"subject": "改", "version": 1}),
    f"POST {T}/{{ticket_id}}/replies": (WORK, WORDS),
    f"POST {T}/{{ticket_id}}/notes": (WORK, WORDS),
    f"POST {T}/{{ticket_id}}/assign": (LEAD, {"org_unit_id": "a team"}),
    f"POST {T}/{{ticket_id}}/start": (WORK, None),
    f"POST {T}/{{ticket_id}}/advance": (WORK, {"stage": "analyzing"}),
    f"POST {T}/{{ticket_id}}/await-customer": (WORK, {"reason": "information"}),
    f"POST {T}/{{ticket_id}}/await-third-party": (WORK, None),
    f"POST {T}/{{ticket_id}}/resume": (WORK, None),
    f"POST {T}/{{ticket_id}}/escalate": (WORK, {"reason": "needs_skill"}),
    f"POST {T}/{{ticket_id}}/return": (WORK, {"reason": "answered"}),
    f"POST {T}/{{ticket_id}}/resolve": (WORK, {"reason": "solved", "solution": "好了"}),
    f"POST {T}/{{ticket_id}}/close": (WORK, None),
    f"POST {T}/{{ticket_id}}/reopen": (LEAD, {"reason": "recurred"}),
    f"POST {T}/{{ticket_id}}/cancel": (WORK, {"reason": "mistake"}),
    f"POST {MY}": (MINE, {"subject": "漏水", "description": "漏"}),
    f"GET {MY}": (MINE, None),
    f"GET {MY}/{{ticket_id}}": (MINE, None),
    f"GET {MY}/{{ticket_id}}/messages": (MINE, None),
    f"POST {MY}/{{ticket_id}}/messages": (MINE, WORDS),
    f"POST {MY}/{{ticket_id}}/confirm": (MINE, None),
    f"POST {MY}/{{ticket_id}}/dispute": (MINE, WORDS),
    f"POST {MY}/{{ticket_id}}/withdraw": (MINE, None),
    "POST /api/v1/customers": (SERVE, {"name": "王芳"}),
    "GET /api/v1/customers": (LOOK, None),
    "GET /api/v1/customers/{customer_id}": (LOOK, None),
    "POST /api/v1/customers/{customer_id}/reveal": (SERVE, {"reason": "call_customer"}),
    "PATCH /api/v1/customers/{customer_id}": (SERVE, {"name": "王芳", "version": 1}),
    "POST /api/v1/customers/{customer_id}/update": (SERVE, {"name": "王芳", "version": 1}),
    "GET /api/v1/org-units": (LOOK | ADMIN, None),
    "POST /api/v1/org-units": (ADMIN, {"name": "三组", "kind": "team", "parent_id": "a branch"}),
    "GET /api/v1/staff": (LOOK | ADMIN, None),
    "POST /api/v1/staff": (ADMIN, {"name": "周文斌", "roles": ["agent"]}),
    "PATCH /api/v1/staff/{staff_id}": (ADMIN, {"active": True, "version": 1}),
    "POST /api/v1/staff/{staff_id}/update": (ADMIN, {"active": True, "version": 1}),
    "GET /api/v1/categories": (EVERYBODY, None),
    f"POST {IMPORTS}": (HISTORY, None),
    f"GET {IMPORTS}": (HISTORY, None),
    f"GET {IMPORTS}/{{import_id}}": (HISTORY, None),
    f"GET {IMPORTS}/{{import_id}}/results": (HISTORY, None),
    "POST /api/v1/intake/tickets": (PARTNER, NEW_TICKET | {"external_id": "CASE-1"}),
    "GET /api/v1/intake/tickets": (PARTNER, None),
    "POST /api/v1/intake/customers": (
        PARTNER,
        {"external_id": "C-1", "occurred_at": "2026-11-23T08:59:58Z", "name": "王芳"},
    ),
}
"""Of each operation: the roles that may, how far each reaches, and a body that fits."""

QUERIES: Final = {"GET /api/v1/intake/tickets": {"external_id": "CASE-1"}}

ROLES: Final = (
    "customer",
    "partner",
    "agent",
    "supervisor",
    "manager",
    "admin",
    "operator",
    "auditor",
)
DONE: Final = {200, 201, 202}
NOT_IN_THIS_STATE: Final = 409


def routes() -> Iterator[tuple[str, str]]:
    """Give every route of the service as (method, path)."""
    for router in create_service(CommonSettings(), VAULT, TicketSettings()).routers:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods or ():
                yield method, route.path


@dataclass
class Scene:
    """Two branches; each person belongs to the first, and to him the first ticket."""

    desk: Desk
    branch: UUID
    team: UUID
    other_team: UUID
    people: dict[str, Person]

    async def ticket(self, role: str, whose: str) -> str:
        """Open a ticket that is, or is not, the person's and return its id."""
        own = whose == "own"
        customer = self.people["customer"].id if own and role == "customer" else new_id()
        request = TicketRequest(
            kind=Kind.COMPLAINT,
            channel=Channel.WEB,
            subject="表具故障",
            description="没有人上门。",
            customer_id=customer,
            org_unit_id=self.team if own else self.other_team,
        )
        intake = Intake(TicketSettings().limits, ZoneInfo("Asia/Shanghai"))
        async with self.desk.database.transaction() as session:
            await add_stub(session, VAULT, customer, now=utcnow())
            ticket = await open_ticket(
                session, VAULT, request, intake=intake, actor=SYSTEM, now=utcnow()
            )
        return str(ticket.id)

    async def ask(self, role: str, route: str, ticket_id: str) -> Any:
        """Call an operation as somebody and return the answer."""
        method, _, path = route.partition(" ")
        body = RIGHTS[route][1]
        units = {"a team": str(self.team), "a branch": str(self.branch)}
        if body is not None:
            body = {name: units.get(str(value), value) for name, value in body.items()}
        full = path.format(
            ticket_id=ticket_id,
            customer_id=await self._customer() if "{customer_id}" in path else None,
            staff_id=self.people["operator" if "update" in route else "auditor"].id,
            import_id=await self._import() if "{import_id}" in path else None,
        )
        person = self.people[role]
        if route == f"POST {IMPORTS}":
            return await handed_in(person, written([line("A-1")]).encode(), MAPPING)
        if method == "POST":
            return await person.post(full, body)
        return await person.client.request(method, full, json=body, params=QUERIES.get(route))

    async def _customer(self) -> UUID:
        customer = new_id()
        async with self.desk.database.transaction() as session:
            await add_stub(session, VAULT, customer, now=utcnow())
        return customer

    async def _import(self) -> str:
        asked = await handed_in(self.people["manager"], written([]).encode(), MAPPING)
        made: str = asked.json()["id"]
        return made

    async def version(self, ticket_id: str) -> int:
        seen = await self.people["manager"].get(f"{T}/{ticket_id}")
        version: int = seen.json()["version"]
        return version


@pytest.fixture
async def scene(desk: Desk) -> Scene:
    admin = await desk.people.staff(Role.ADMIN)
    units = (await admin.get("/api/v1/org-units")).json()["data"]
    company = next(unit["id"] for unit in units if unit["kind"] == "company")

    async def unit(kind: str, parent: str) -> str:
        body = {"name": kind, "kind": kind, "parent_id": parent}
        made: str = (await admin.post("/api/v1/org-units", body)).json()["id"]
        return made

    branches = [await unit("branch", company) for _ in range(2)]
    teams = [await unit("team", branch) for branch in branches]
    people = {"customer": desk.people.customer(), "partner": desk.people.partner(*Scope)}
    for role in ROLES[2:]:
        works_in = branches[0] if role == "supervisor" else teams[0]
        added = await admin.post(
            "/api/v1/staff", {"name": role, "roles": [role], "org_unit_ids": [works_in]}
        )
        people[role] = desk.people.known(UUID(added.json()["id"]), Role(role))
    return Scene(desk, UUID(branches[0]), UUID(teams[0]), UUID(teams[1]), people)


def test_the_table_of_rights_names_every_route() -> None:
    assert {f"{method} {path}" for method, path in routes()} == set(RIGHTS)


async def test_every_route_wants_to_know_who_calls(scene: Scene) -> None:
    nobody = scene.desk.people.bearing(new_id(), None)
    let_in = {}
    for method, path in routes():
        full = path.format(
            ticket_id=new_id(), customer_id=new_id(), staff_id=new_id(), import_id=new_id()
        )
        answer = await nobody.client.request(
            method, full, json={}, headers={"Idempotency-Key": str(new_id())}
        )
        if answer.status_code != 401 or answer.json()["code"] != "not_authenticated":
            let_in[f"{method} {path}"] = answer.status_code
    assert let_in == {}


async def test_every_role_reaches_what_is_its_own_and_learns_nothing_of_the_rest(
    scene: Scene,
) -> None:
    wrong = {}
    for route, (reach, _) in RIGHTS.items():
        for role in ROLES:
            for whose in ("own", "others'") if "{ticket_id}" in route else ("own",):
                about = "{ticket_id}" in route
                ticket_id = await scene.ticket(role, whose) if about else ""
                status = (await scene.ask(role, route, ticket_id)).status_code
                if role not in reach:
                    right = status == 403
                elif whose != "own" and reach[role] != "all":
                    right = status == 404
                else:
                    right = status in DONE or status == NOT_IN_THIS_STATE
                untouched = right and (
                    status in DONE or not about or await scene.version(ticket_id) == 1
                )
                if not untouched:
                    wrong[f"{role}: {route} of {whose}"] = status
    assert wrong == {}


async def test_lists_hold_what_is_the_callers_and_nothing_else(scene: Scene) -> None:
    own = {role: await scene.ticket(role, "own") for role in ("customer", "agent")}
    others = await scene.ticket("agent", "others'")
    path = {"customer": MY}
    for role, expected in {
        "customer": {own["customer"]},
        "agent": set(own.values()),
        "supervisor": set(own.values()),
        "manager": {*own.values(), others},
    }.items():
        listed = (await scene.people[role].get(path.get(role, T))).json()["data"]
        assert {ticket["id"] for ticket in listed} == expected, role


async def test_what_no_team_has_yet_is_for_every_agent_to_take(desk: Desk) -> None:
    customer = desk.people.customer()
    filed = (await customer.post(MY, {"subject": "漏水", "description": "漏"})).json()
    for person in (desk.agent, desk.stranger):
        assert (await person.get(f"{T}/{filed['id']}")).status_code == 200
    body = {"org_unit_id": str(desk.team)}
    assert (await desk.supervisor.post(f"{T}/{filed['id']}/assign", body)).status_code == 200
    assert (await desk.stranger.get(f"{T}/{filed['id']}")).status_code == 404


async def test_a_right_that_the_directory_took_away_is_gone_at_once(scene: Scene) -> None:
    admin, agent = scene.people["admin"], scene.people["agent"]
    assert (await agent.get(T)).status_code == 200
    left = await admin.client.patch(
        f"/api/v1/staff/{agent.id}", json={"active": False, "version": 1}
    )
    assert left.status_code == 200
    assert (await agent.get(T)).status_code == 401
