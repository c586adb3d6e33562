"""What a test does with a ticket, through HTTP, and what was said of it."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import select

from shared.outbox.tables import outbox
from tests.support.people import VAULT, Person
from tests.tickets.conftest import Desk

COMPLAINT = {
    "kind": "complaint",
    "channel": "wechat",
    "subject": "表具故障",
    "description": "已经三天没有人上门。",
}
TAKEN = {
    "kind": "complaint",
    "channel": "phone",
    "subject": "账单多收了一个月",
    "description": "客户来电说九月的气费收了两次。",
}
SOLUTION = {"reason": "solved", "solution": "已更换表具。"}


async def filed(customer: Person) -> dict[str, Any]:
    """File a complaint as its customer."""
    answer = await customer.post("/api/v1/my/tickets", COMPLAINT)
    assert answer.status_code == 201, answer.text
    ticket: dict[str, Any] = answer.json()
    return ticket


async def taken(person: Person, **differently: Any) -> dict[str, Any]:
    """Take a request as one of our people."""
    answer = await person.post("/api/v1/tickets", TAKEN | differently)
    assert answer.status_code == 201, answer.text
    ticket: dict[str, Any] = answer.json()
    return ticket


async def done(person: Person, ticket: dict[str, Any], verb: str, body: Any = None) -> Any:
    """Do something with a ticket; it must succeed."""
    answer = await person.post(f"/api/v1/tickets/{ticket['id']}/{verb}", body)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def shown(person: Person, ticket: dict[str, Any]) -> dict[str, Any]:
    """Read a ticket as one of our people."""
    answer = await person.get(f"/api/v1/tickets/{ticket['id']}")
    assert answer.status_code == 200, answer.text
    read: dict[str, Any] = answer.json()
    return read


async def said(desk: Desk, ticket: dict[str, Any]) -> list[Any]:
    """Return the events that were said of a ticket, in the order of their sequence."""
    statement = (
        select(outbox)
        .where(outbox.c.subject == UUID(ticket["id"]), outbox.c.recipient.is_(None))
        .order_by(outbox.c.sequence)
    )
    async with desk.database.transaction() as session:
        return list(await session.execute(statement))


async def notices(desk: Desk, ticket: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the notices that were asked for about a ticket, oldest first."""
    statement = (
        select(outbox.c.data)
        .where(outbox.c.subject == UUID(ticket["id"]), outbox.c.recipient == "integrations")
        .order_by(outbox.c.id)
    )
    async with desk.database.transaction() as session:
        sealed = list(await session.scalars(statement))
    return [json.loads(VAULT.open_letter("integrations", one)) for one in sealed]
