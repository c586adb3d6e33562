"""Customers: found by what they say on the phone, and nowhere in clear text."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from services.tickets.customers.tables import customers
from shared.auth.actor import Role
from shared.ids import new_id
from shared.outbox.tables import outbox
from tests.support.people import Person
from tests.tickets.conftest import Desk
from tests.tickets.steps import filed, taken

PATH = "/api/v1/customers"
CHEN = {"name": "陈静宜", "phone": "138 0013 8642", "email": "Chen.Jingyi@Example.com"}


async def added(desk: Desk, **differently: Any) -> dict[str, Any]:
    answer = await desk.agent.post(PATH, CHEN | differently)
    assert answer.status_code == 201, answer.text
    customer: dict[str, Any] = answer.json()
    return customer


async def changed(desk: Desk, customer: dict[str, Any], **changes: Any) -> Any:
    return await desk.agent.client.patch(f"{PATH}/{customer['id']}", json=changes)


async def looked_at(person: Person, customer: dict[str, Any]) -> httpx.Response:
    """Ask where a customer can be reached."""
    return await person.post(f"{PATH}/{customer['id']}/reveal", {"reason": "call_customer"})


@pytest.mark.parametrize(
    "asked",
    [
        {"phone": "+8613800138642"},
        {"phone": "0086 138-0013-8642"},
        {"phone_ending": "8642"},
        {"email": "chen.jingyi@EXAMPLE.com"},
        {"email": "chen.jingyi@example.com", "phone_ending": "8642"},
    ],
)
async def test_a_customer_is_found_by_number_its_ending_or_mail_and_shown_masked(
    desk: Desk, asked: dict[str, str]
) -> None:
    customer = await added(desk)
    await added(desk, name="王芳", phone="139 1111 2222", email="wang@example.com")

    found = (await desk.agent.get(PATH, params=asked)).json()["data"]

    assert [one["id"] for one in found] == [customer["id"]]
    assert found[0]["phone"] == "+86138****8642"
    assert found[0]["email"] == "c***@example.com"
    whole = (await looked_at(desk.agent, customer)).json()
    assert (whole["phone"], whole["email"]) == ("+8613800138642", "chen.jingyi@example.com")


async def test_nobody_sees_an_address_without_having_said_why(desk: Desk) -> None:
    customer = await added(desk)
    masked = ("+86138****8642", "c***@example.com")
    manager = await desk.people.staff(Role.MANAGER)
    assert (customer["phone"], customer["email"]) == masked
    for person in (desk.agent, desk.supervisor, manager):
        seen = (await person.get(f"{PATH}/{customer['id']}")).json()
        assert (seen["phone"], seen["email"]) == masked
    renamed = (await changed(desk, customer, name="陈静怡", version=1)).json()
    assert (renamed["phone"], renamed["email"]) == masked
    without = await desk.agent.post(f"{PATH}/{customer['id']}/reveal", {"reason": "curious"})
    assert (without.status_code, without.json()["code"]) == (422, "invalid_request")
    assert (await looked_at(manager, customer)).status_code == 403


async def test_every_look_at_an_address_is_in_the_audit_trail(desk: Desk) -> None:
    customer = await added(desk)
    auditor = await desk.people.staff(Role.AUDITOR)
    await desk.agent.get(f"{PATH}/{customer['id']}")
    await looked_at(desk.agent, customer)

    about = {"subject_id": customer["id"], "action": "customer.contacts_read"}
    looks = (await auditor.get("/api/v1/tickets/audit", params=about)).json()["data"]

    assert [(one["action"], one["actor_id"], one["detail"]) for one in looks] == [
        ("customer.contacts_read", str(desk.agent.id), {"reason": "call_customer"})
    ]


async def test_null_takes_a_contact_away_and_leaves_everything_else_as_it_is(desk: Desk) -> None:
    customer = await added(desk)
    nothing = {"name": None, "grade": None, "language": None, "phone": None, "version": 1}

    answer = await changed(desk, customer, **nothing)

    assert answer.status_code == 200
    left = {name: answer.json()[name] for name in ("name", "email", "phone", "grade", "language")}
    assert left == {
        "name": "陈静宜",
        "email": "c***@example.com",
        "phone": None,
        "grade": "standard",
        "language": "zh",
    }
    assert (await desk.agent.get(PATH, params={"phone_ending": "8642"})).json()["data"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"phone": "123"}, "invalid_phone"), ({"email": "chen@"}, "invalid_email")],
)
async def test_an_address_that_cannot_be_one_is_refused_and_the_old_one_stays(
    desk: Desk, changes: dict[str, str], code: str
) -> None:
    customer = await added(desk)
    refused = await changed(desk, customer, **changes, version=1)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert (await desk.agent.get(f"{PATH}/{customer['id']}")).json() == customer
    asked = await desk.agent.get(PATH, params=changes)
    assert (asked.status_code, asked.json()["code"]) == (422, code)


async def test_of_twenty_changes_of_one_version_one_is_made(desk: Desk) -> None:
    customer = await added(desk)
    answers = await asyncio.gather(
        *(changed(desk, customer, name=f"陈静宜{n}", version=1) for n in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19


async def test_name_number_and_mail_stand_nowhere_in_the_database_in_clear_text(
    desk: Desk,
) -> None:
    customer = await added(desk)
    await changed(desk, customer, name="陈静怡", email="jingyi@example.org", version=1)
    await taken(desk.agent, customer_id=customer["id"])
    secrets = ("陈静", "13800138642", "138 0013 8642", "jingyi@")

    leaks = []
    async with desk.database.transaction() as session:
        tables = await session.execute(
            text(
                "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name)"
                " FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
                " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
            )
        )
        for table in tables.scalars().all():
            for row in await session.scalars(
                text(f"SELECT t::text FROM {table} t")  # noqa: S608 - a name from the catalogue
            ):
                hidden = [s for s in secrets if s in row or s.encode().hex() in row]
                leaks += [(table, secret) for secret in hidden]
    assert leaks == []


async def test_a_customer_whom_only_his_token_names_is_added_once(desk: Desk) -> None:
    customer = desk.people.customer(new_id())

    tickets = await asyncio.gather(*(filed(customer) for _ in range(20)))

    assert len({ticket["number"] for ticket in tickets}) == 20
    async with desk.database.transaction() as session:
        rows = await session.scalar(
            select(func.count()).select_from(customers).where(customers.c.id == customer.id)
        )
        told = await session.scalars(
            select(outbox.c.type).where(outbox.c.subject == customer.id).order_by(outbox.c.type)
        )
    assert rows == 1
    assert list(told) == ["customer.changed", "customer.contact_changed"]
