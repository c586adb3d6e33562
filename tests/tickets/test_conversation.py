"""What is said: who hears it, what it starts and stops, and which notices are asked for."""

import asyncio
from zoneinfo import ZoneInfo

import pytest

from services.tickets.conversation.reply_to_customer import reply_to_customer
from services.tickets.customers.keep_customer import add_stub
from services.tickets.settings import TicketSettings
from services.tickets.tickets.open_ticket import Intake, TicketRequest, open_ticket
from services.tickets.tickets.vocabulary import Channel, Kind
from shared.auth.actor import SYSTEM
from shared.clock import utcnow
from shared.ids import new_id
from shared.messages.contract import Origin
from tests.support.people import VAULT
from tests.tickets.conftest import Desk
from tests.tickets.steps import SOLUTION, done, filed, notices, said, shown, taken


async def test_a_note_is_ours_alone(desk: Desk) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    mine = f"/api/v1/my/tickets/{ticket['id']}"
    await done(desk.agent, ticket, "notes", {"body": "客户情绪激动，先安抚。"})
    await done(desk.agent, ticket, "replies", {"body": "马上安排。"})

    ours = (await desk.agent.get(f"/api/v1/tickets/{ticket['id']}/messages")).json()
    his = await customer.get(f"{mine}/messages")
    everything = his.text + (await customer.get(mine)).text
    everything += (await customer.get("/api/v1/my/tickets")).text

    assert [(m["visibility"], m["number"]) for m in ours["data"]] == [
        ("internal", 1),
        ("public", 2),
    ]
    assert [message["body"] for message in his.json()["data"]] == ["马上安排。"]
    assert "安抚" not in everything
    assert "安抚" not in str(await notices(desk, ticket))


async def test_the_first_answer_of_a_person_stops_the_response_clock_and_nothing_else_does(
    desk: Desk,
) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    path = f"/api/v1/tickets/{ticket['id']}"
    await done(desk.agent, ticket, "notes", {"body": "看过了。"})
    await customer.post(f"/api/v1/my/tickets/{ticket['id']}/messages", {"body": "有人吗？"})
    refused = await desk.agent.post(f"{path}/replies", {"body": "   "})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert (await shown(desk.agent, ticket))["first_responded_at"] is None

    first = await desk.agent.post(f"{path}/replies", {"body": "在的。"}, key="first-reply")
    again = await desk.agent.post(f"{path}/replies", {"body": "在的。"}, key="first-reply")
    stopped = (await shown(desk.agent, ticket))["first_responded_at"]
    others = await asyncio.gather(
        *(desk.agent.post(f"{path}/replies", {"body": f"补充 {n}"}) for n in range(5))
    )

    assert again.json() == first.json()
    assert {answer.status_code for answer in others} == {201}
    assert stopped == first.json()["said_at"]
    assert (await shown(desk.agent, ticket))["first_responded_at"] == stopped
    told = [event for event in await said(desk, ticket) if event.type == "ticket.responded"]
    assert [event.data["first"] for event in told] == [True] + [False] * 5


async def test_who_answers_a_new_ticket_has_begun_the_work(desk: Desk) -> None:
    ticket = await filed(desk.people.customer())
    await done(desk.agent, ticket, "replies", {"body": "我来处理。"})
    begun = await shown(desk.agent, ticket)
    assert (begun["state"], begun["assignee_id"]) == ("open", str(desk.agent.id))
    history = (await desk.agent.get(f"/api/v1/tickets/{ticket['id']}/history")).json()["moves"]
    assert [move["move"] for move in history] == ["open", "start", "reply"]

    await done(desk.supervisor, ticket, "replies", {"body": "班长补充一句。"})
    assert (await shown(desk.agent, ticket))["assignee_id"] == str(desk.agent.id)


async def test_the_customers_words_resume_what_waited_for_him(desk: Desk) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    await done(desk.agent, ticket, "await-customer", {"reason": "information"})
    words = await customer.post(f"/api/v1/my/tickets/{ticket['id']}/messages", {"body": "表号 7"})
    assert words.status_code == 201
    resumed = await shown(desk.agent, ticket)
    assert (resumed["state"], resumed["waiting_reason"]) == ("open", None)


async def test_what_is_closed_takes_no_more_words_but_a_note(desk: Desk) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    await done(desk.agent, ticket, "resolve", SOLUTION)
    await done(desk.agent, ticket, "close")
    late = await customer.post(f"/api/v1/my/tickets/{ticket['id']}/messages", {"body": "喂？"})
    reply = await desk.agent.post(f"/api/v1/tickets/{ticket['id']}/replies", {"body": "喂？"})
    assert [late.status_code, reply.status_code] == [409, 409]
    await done(desk.agent, ticket, "notes", {"body": "客户又来电。"})


async def test_a_notice_is_asked_for_at_receipt_reply_and_solution_and_once_each(
    desk: Desk,
) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    path = f"/api/v1/tickets/{ticket['id']}"
    await done(desk.agent, ticket, "start")
    for _ in range(2):
        await desk.agent.post(f"{path}/replies", {"body": "今天到。"}, key="reply-once")
    await done(desk.agent, ticket, "notes", {"body": "备注"})
    await done(desk.agent, ticket, "resolve", SOLUTION)
    await done(desk.agent, ticket, "close")

    asked = await notices(desk, ticket)

    assert [notice["template"] for notice in asked] == [
        "ticket_received",
        "ticket_replied",
        "ticket_resolved",
    ]
    assert {notice["customer_id"] for notice in asked} == {str(customer.id)}
    assert {notice["parameters"]["number"] for notice in asked} == {ticket["number"]}
    assert asked[1]["parameters"]["reply"] == "今天到。"
    assert asked[2]["parameters"]["solution"] == SOLUTION["solution"]


async def test_nobody_is_written_to_about_a_ticket_without_a_customer(desk: Desk) -> None:
    ticket = await taken(desk.agent)
    await done(desk.agent, ticket, "resolve", SOLUTION)
    assert await notices(desk, ticket) == []


@pytest.mark.parametrize("origin", [Origin.DEMO, Origin.IMPORT])
async def test_nobody_is_written_to_about_what_did_not_happen_now(
    desk: Desk, origin: Origin
) -> None:
    customer_id, now = new_id(), utcnow()
    limits = TicketSettings().limits
    request = TicketRequest(
        kind=Kind.COMPLAINT,
        channel=Channel.WEB,
        subject="旧单",
        description="去年的事。",
        customer_id=customer_id,
        origin=origin,
    )
    async with desk.database.transaction() as session:
        await add_stub(session, VAULT, customer_id, now=now)
        intake = Intake(limits, ZoneInfo("Asia/Shanghai"))
        ticket = await open_ticket(session, VAULT, request, intake=intake, actor=SYSTEM, now=now)
        await reply_to_customer(session, VAULT, ticket, body="好", actor=SYSTEM, now=now)
    opened = {"id": str(ticket.id)}
    resolved = await desk.agent.post(f"/api/v1/tickets/{ticket.id}/resolve", SOLUTION)

    assert resolved.status_code == 200
    assert await notices(desk, opened) == []
    assert {event.origin for event in await said(desk, opened)} == {origin}
