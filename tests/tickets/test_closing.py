"""Closing: by the customer, by us, or by the timer, and once each cycle; limits as set."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.tickets.service import create_service
from services.tickets.settings import TicketSettings
from services.tickets.tickets.sweeps import BATCH, close_what_nobody_objected_to
from shared.clock import utcnow
from shared.http.app import Ground, create_app
from shared.settings import CommonSettings
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People
from tests.tickets.conftest import Desk
from tests.tickets.steps import SOLUTION, done, filed, said, shown

LATER = timedelta(days=4)
"""More than the three days in which a customer may object."""


def instant(ticket: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(ticket[name])


async def closings(desk: Desk, ticket: dict[str, Any]) -> list[tuple[int, str]]:
    """Return the closings that were told, as (cycle, by whom)."""
    return [
        (event.data["cycle_no"], event.data["close_actor"])
        for event in await said(desk, ticket)
        if event.type == "ticket.closed"
    ]


async def test_a_resolved_ticket_closes_by_itself_when_nobody_objected_and_not_before(
    desk: Desk,
) -> None:
    ticket = await filed(desk.people.customer())
    resolved = await done(desk.agent, ticket, "resolve", SOLUTION)
    due = instant(resolved, "close_due_at")

    early = await close_what_nobody_objected_to(desk.database, due - timedelta(seconds=1))
    in_time = await close_what_nobody_objected_to(desk.database, due)

    assert (early, in_time) == (0, 1)
    closed = await shown(desk.agent, ticket)
    assert (closed["state"], closed["close_actor"]) == ("closed", "timer")
    assert (instant(closed, "closed_at"), closed["close_due_at"]) == (due, None)
    assert await closings(desk, ticket) == [(1, "timer")]


async def test_two_timers_at_once_close_each_ticket_once(desk: Desk, databases: Databases) -> None:
    customer = desk.people.customer()
    tickets = [await filed(customer) for _ in range(12)]
    for ticket in tickets:
        await done(desk.agent, ticket, "resolve", SOLUTION)
    when = utcnow() + LATER

    counts = await asyncio.gather(
        *(close_what_nobody_objected_to(desk.database, when) for _ in range(4))
    )

    assert sum(counts) == len(tickets) <= BATCH
    for ticket in tickets:
        assert await closings(desk, ticket) == [(1, "timer")]


async def test_who_objects_is_not_closed_by_the_timer(desk: Desk) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    await done(desk.agent, ticket, "resolve", SOLUTION)
    path = f"/api/v1/my/tickets/{ticket['id']}"
    assert (await customer.post(f"{path}/dispute", {"body": "还是不走字。"})).status_code == 200
    assert await close_what_nobody_objected_to(desk.database, utcnow() + LATER) == 0


@pytest.mark.feature("T-17")
async def test_every_closing_is_told_once_however_many_confirm_at_once(desk: Desk) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    path = f"/api/v1/my/tickets/{ticket['id']}"
    early = await customer.post(f"{path}/confirm")
    assert (early.status_code, early.json()["code"]) == (409, "illegal_move")
    for _ in range(2):
        await done(desk.agent, ticket, "resolve", SOLUTION)
        people = (
            *(customer.post(f"{path}/confirm") for _ in range(5)),
            *(desk.agent.post(f"/api/v1/tickets/{ticket['id']}/close") for _ in range(5)),
        )
        answers, by_timer = await asyncio.gather(
            asyncio.gather(*people),
            close_what_nobody_objected_to(desk.database, utcnow() + LATER),
        )
        statuses = [answer.status_code for answer in answers]
        assert statuses.count(200) + by_timer == 1
        assert set(statuses) <= {200, 409}
        await done(desk.supervisor, ticket, "reopen", {"reason": "recurred"})

    assert [cycle for cycle, _ in await closings(desk, ticket)] == [1, 2]
    told = [event for event in await said(desk, ticket) if event.type == "ticket.closed"]
    assert told[0].data["resolution_reason"] == "solved"
    assert told[0].data["customer_id"] == str(customer.id)
    assert told[0].data["kind"] == "complaint"


async def test_what_is_promised_is_what_the_settings_say(databases: Databases) -> None:
    settings = TicketSettings(
        first_response_seconds=61, resolution_seconds=3_601, confirmation_seconds=7
    )
    service = create_service(CommonSettings(), VAULT, settings)
    database = await databases.open(service)
    people = People(create_app(service, Ground(database, VAULT, KEYS)), database)
    with pytest.raises(ValueError, match="resolution_seconds"):
        TicketSettings(resolution_seconds=0)
    customer = people.customer()
    body = {"subject": "表具故障", "description": "没人来。"}

    ticket, again = [
        (await customer.post("/api/v1/my/tickets", body, key="the-same-request")).json()
        for _ in range(2)
    ]

    assert again == ticket
    created = instant(ticket, "created_at")
    assert instant(ticket, "first_response_due_at") - created == timedelta(seconds=61)
    assert instant(ticket, "resolution_due_at") - created == timedelta(seconds=3_601)
    await people.leave()


async def test_without_settings_a_reply_is_promised_in_half_an_hour_and_a_solution_in_two_days(
    desk: Desk,
) -> None:
    ticket = await filed(desk.people.customer())
    created = instant(ticket, "created_at")
    assert instant(ticket, "first_response_due_at") - created == timedelta(minutes=30)
    assert instant(ticket, "resolution_due_at") - created == timedelta(hours=48)
