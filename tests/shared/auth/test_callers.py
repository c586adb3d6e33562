"""Rights are what the token and the directory both say, at the moment of the call."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends

from shared.auth.actor import Actor, ActorKind, Role
from shared.auth.callers import CurrentActor, allowed
from shared.auth.directory import copy_staff
from shared.auth.rights import Permission
from shared.auth.tokens import FetchedKeys
from shared.contracts.tickets import StaffChanged
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.ids import new_id
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People, Person, token
from tests.support.sample_service import sample_service

router = APIRouter(prefix="/api/v1/me")


@router.get("")
async def me(actor: CurrentActor) -> dict[str, list[str]]:
    return {"roles": sorted(actor.roles), "units": sorted(map(str, actor.org_unit_ids))}


@router.get("/desk")
async def desk(
    _actor: Annotated[Actor, Depends(allowed(Permission.TICKETS_WORK, Permission.TICKETS_OWN))],
) -> None:
    """Let in who works with tickets or has some."""


@dataclass
class Office:
    """The small application, and the directory that it asks."""

    database: Database
    people: People

    async def knows(self, staff_id: UUID, *roles: str, sequence: int, active: bool = True) -> None:
        changed = StaffChanged(staff_id=staff_id, roles=roles, org_unit_ids=(), active=active)
        async with self.database.transaction() as session:
            await copy_staff(session, changed, epoch=1, sequence=sequence)

    def claiming(self, staff_id: UUID, *roles: Role) -> Person:
        return self.people.bearing(staff_id, token(ActorKind.STAFF, staff_id, roles))


@pytest.fixture
async def office(databases: Databases) -> AsyncIterator[Office]:
    service = replace(sample_service(), routers=(router,))
    database = await databases.open(service)
    people = People(create_app(service, Ground(database, VAULT, KEYS)), database)
    yield Office(database, people)
    await people.leave()


async def test_a_role_counts_when_token_and_directory_name_it(office: Office) -> None:
    staff_id = new_id()
    await office.knows(staff_id, "agent", "manager", "role_of_tomorrow", sequence=1)
    person = office.claiming(staff_id, Role.AGENT, Role.ADMIN)
    assert (await person.get("/api/v1/me")).json() == {"roles": ["agent"], "units": []}
    assert (await person.get("/api/v1/me/desk")).status_code == 200


async def test_a_change_in_the_directory_holds_for_tokens_given_before(office: Office) -> None:
    staff_id = new_id()
    person = office.claiming(staff_id, Role.AGENT)
    assert (await person.get("/api/v1/me")).status_code == 401  # not heard of yet
    await office.knows(staff_id, "agent", sequence=1)
    assert (await person.get("/api/v1/me/desk")).status_code == 200
    await office.knows(staff_id, "auditor", sequence=2)
    refused = await person.get("/api/v1/me/desk")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    await office.knows(staff_id, "agent", sequence=3, active=False)
    refused = await person.get("/api/v1/me/desk")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_customers_need_no_directory_and_never_get_a_staff_role(office: Office) -> None:
    known = new_id()
    await office.knows(known, "admin", sequence=1)
    greedy = office.people.bearing(known, token(ActorKind.CUSTOMER, known, ["customer", "admin"]))
    assert (await greedy.get("/api/v1/me")).json()["roles"] == ["customer"]
    assert (await greedy.get("/api/v1/me/desk")).status_code == 200


async def test_the_scheme_may_be_written_in_any_case_and_must_be_bearer(office: Office) -> None:
    bearer = token(ActorKind.CUSTOMER, new_id(), ["customer"])
    client = office.people.bearing(new_id(), None).client
    for header, status in (
        (f"bearer {bearer}", 200),
        (f"Basic {bearer}", 401),
        (bearer, 401),
        ("Bearer", 401),
        ("Bearer ", 401),
    ):
        answer = await client.get("/api/v1/me", headers={"Authorization": header})
        assert answer.status_code == status, header


async def test_a_token_that_nobody_can_check_now_is_put_off_and_not_turned_away(
    databases: Databases,
) -> None:
    """A front-end signs its person out with a 401; the issuer being away is no reason for it."""

    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("away")

    service = replace(sample_service(), routers=(router,))
    database = await databases.open(service)
    async with httpx.AsyncClient(transport=httpx.MockTransport(away)) as client:
        keys = FetchedKeys("http://issuer.example/jwks.json", client)
        people = People(create_app(service, Ground(database, VAULT, keys)), database)
        person = people.bearing(new_id(), token(ActorKind.CUSTOMER, new_id(), (Role.CUSTOMER,)))
        answer = await person.get("/api/v1/me")
        assert (answer.status_code, answer.json()["code"]) == (503, "issuer_away")
        assert answer.headers["retry-after"] == "1"
        await people.leave()
