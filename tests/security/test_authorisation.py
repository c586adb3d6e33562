"""OWASP API1 and API5: whose object it is, and whose function."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from fastapi.routing import APIRoute

from shared.auth.actor import Role
from shared.auth.rights import RIGHTS
from tests.house.test_doors import asked, routes
from tests.security.two_teams import Operation, Side, a_side, operations
from tests.support.company import somebody
from tests.support.system import standalone

FOR_ALL_CUSTOMERS = "/api/v1/customers"
"""Whoever answers a call may look up who calls: by design not bound to a team, and audited."""

IN_DEVELOPMENT = {"/api/v1/outbox"}
"""Shows every notice to everybody, and is a 404 without the development sign-in."""


pytestmark = pytest.mark.timeout(600)
"""Two teams are hired and a complaint of each is played to its recovery before the first test."""


@dataclass(frozen=True)
class Two:
    """Two sides of one system."""

    ours: Side
    theirs: Side


@pytest.fixture(scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    async with standalone(None, tmp_path_factory.mktemp("system"), {}) as running:
        yield Two(await a_side(running, "wangfang"), await a_side(running, "lilei"))


def with_ids(side: Side) -> Iterator[tuple[Operation, str]]:
    """Give each operation whose path names an object, with the side's id in it."""
    for operation in operations():
        names = re.findall(r"{(\w+)}", operation.path)
        if names and set(names) <= set(side.ids):
            yield operation, operation.path.format(**side.ids)
            if "ticket_id" in names:
                yield operation, operation.path.format(ticket_id=side.ids["recovery_id"])


async def test_an_id_of_another_team_or_customer_opens_nothing(two: Two) -> None:
    tried = list(with_ids(two.theirs))
    assert len({operation.name for operation, _ in tried}) > 50
    await is_seen_by_its_own(two.theirs)
    opened = {}
    for role, person in two.ours.people.items():
        for operation, path in tried:
            if operation.path.startswith(FOR_ALL_CUSTOMERS) and role != "customer":
                continue
            answer = await operation.ask(person, path)
            if answer.status_code not in {403, 404}:
                opened[f"{role}: {operation.name}"] = answer.status_code, answer.text[:200]
    assert opened == {}


async def is_seen_by_its_own(side: Side) -> None:
    """See that the ids are right: who may look at the objects finds them."""
    for operation, path in with_ids(side):
        mine = path.startswith("/api/v1/my/")
        shown = not (mine and side.ids["recovery_id"] in path) and not operation.needed
        if operation.method == "GET" and shown:
            answer = await operation.ask(side.customer if mine else side.team.supervisor, path)
            assert answer.is_success, f"{operation.name}: {answer.text}"


async def test_no_list_search_or_filter_gives_anything_of_another_team(two: Two) -> None:
    secret = {value for name, value in two.theirs.ids.items() if name != "customer_id"}
    leaks = set()
    for operation in operations():
        if operation.method != "GET" or "{" in operation.path or operation.path in IN_DEVELOPMENT:
            continue
        queries: list[dict[str, str]] = [{}]
        queries += [{n: two.theirs.ids[n]} for n in operation.parameters if n in two.theirs.ids]
        if "q" in operation.parameters:
            queries.append({"q": "还是漏气"})
        for role, person in two.ours.people.items():
            for query in queries:
                answer = await operation.ask(person, operation.path, **query)
                told = re.sub(r'"instance":"[^"]*"', "", answer.text)
                if any(one in told for one in secret):
                    leaks.add(f"{role}: {operation.name} {query}")
    assert leaks == set()


def may(role: Role, route: APIRoute) -> bool:
    wanted = asked(route)
    return not wanted or any(permission in RIGHTS[role] for permission in wanted)


async def test_no_role_gets_through_a_door_that_is_not_its_own(two: Two) -> None:
    running = two.ours.team.company.running
    roles = [role for role in Role if role is not Role.PARTNER]
    people = {role: await somebody(running, role) for role in roles}
    examples = {operation.name: operation for operation in operations()}
    wrong, tried = {}, 0
    for route in routes():
        for method in route.methods or ():
            operation = examples.get(f"{method} {route.path}")
            if operation is None:
                continue
            forbidden = [role for role in roles if not may(role, route)]
            tried += len(forbidden)
            path = re.sub(r"{\w+}", "01900000-0000-7000-8000-000000000000", route.path)
            answers = await asyncio.gather(
                *(operation.ask(people[role], path) for role in forbidden)
            )
            for role, answer in zip(forbidden, answers, strict=True):
                if answer.status_code != 403:
                    wrong[f"{role}: {operation.name}"] = answer.status_code
    assert wrong == {}
    assert tried > 500


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"]
)
async def test_a_method_cannot_be_smuggled_in(two: Two, name: str) -> None:
    agent, path = two.ours.team.company.agent, f"/api/v1/tickets/{two.ours.ids['ticket_id']}"
    headers = {"Authorization": f"Bearer {agent.token}", name: "DELETE"}
    for method, query in (("GET", {}), ("GET", {name: "PATCH"})):
        answer = await agent.client.request(method, path, headers=headers, params=query)
        assert answer.status_code in {200, 422}
    for method in ("DELETE", "PUT", "TRACE"):
        answer = await agent.client.request(method, path, headers=headers)
        assert answer.status_code == 405, method
