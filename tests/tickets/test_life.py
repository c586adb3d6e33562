"""The life of a ticket through HTTP: from a customer's request to its closing, and again."""

import asyncio

import pytest

from tests.tickets.conftest import Desk
from tests.tickets.steps import SOLUTION, done, filed, said


@pytest.mark.feature("T-13")
async def test_a_complaint_lives_from_request_to_closing_and_every_step_is_told_once(
    desk: Desk,
) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    assert ticket["number"].startswith("C2")
    assert ticket["state"] == "new"

    await done(desk.supervisor, ticket, "assign", {"org_unit_id": str(desk.team)})
    await done(desk.agent, ticket, "start")
    await done(desk.agent, ticket, "replies", {"body": "今天下午两点上门。"})
    await done(desk.agent, ticket, "await-customer", {"reason": "information"})
    await customer.post(f"/api/v1/my/tickets/{ticket['id']}/messages", {"body": "我在家。"})
    await done(desk.agent, ticket, "escalate", {"reason": "needs_skill"})
    await done(desk.agent, ticket, "resolve", SOLUTION)
    closed = await customer.post(f"/api/v1/my/tickets/{ticket['id']}/confirm", key="confirm-once")
    again = await customer.post(f"/api/v1/my/tickets/{ticket['id']}/confirm", key="confirm-once")

    assert closed.json()["state"] == "closed"
    assert again.json() == closed.json()
    assert again.headers["idempotency-replayed"] == "true"
    events = await said(desk, ticket)
    assert [event.type for event in events] == [
        "ticket.created",
        "ticket.assigned",
        "ticket.responded",
        "ticket.escalated",
        "ticket.resolved",
        "ticket.closed",
    ]
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[-1].data["close_actor"] == "customer"
    assert events[-1].data["org_unit_id"] == str(desk.team)
    assert events[-1].data["tier"] == "l2"


@pytest.mark.feature("T-13")
async def test_a_move_that_the_state_does_not_allow_changes_nothing_and_says_what_is_allowed(
    desk: Desk,
) -> None:
    ticket = await filed(desk.people.customer())

    refused = await desk.agent.post(f"/api/v1/tickets/{ticket['id']}/close")

    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "illegal_move"
    assert "start" in refused.json()["allowed"]
    assert "close" not in refused.json()["allowed"]
    assert [event.type for event in await said(desk, ticket)] == ["ticket.created"]
    history = (await desk.agent.get(f"/api/v1/tickets/{ticket['id']}/history")).json()
    assert [move["move"] for move in history["moves"]] == ["open"]


async def test_an_objection_begins_the_next_cycle_with_a_limit_of_its_own(desk: Desk) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    await done(desk.agent, ticket, "resolve", SOLUTION)
    path = f"/api/v1/my/tickets/{ticket['id']}"

    disputed = await customer.post(f"{path}/dispute", {"body": "表还是不走。"}, key="dispute-1")
    again = await customer.post(f"{path}/dispute", {"body": "表还是不走。"}, key="dispute-1")
    late = await customer.post(f"{path}/dispute", {"body": "表还是不走。"})

    assert disputed.json()["state"] == "open"
    assert disputed.json()["number"] == ticket["number"]
    assert disputed.json()["resolution_due_at"] > ticket["resolution_due_at"]
    assert again.json() == disputed.json()
    assert late.status_code == 409
    reopened = (await said(desk, ticket))[-1]
    assert (reopened.type, reopened.data["cycle_no"]) == ("ticket.reopened", 2)
    words = (await customer.get(f"{path}/messages")).json()["data"]
    assert [word["body"] for word in words] == ["表还是不走。"]


async def test_two_hundred_replies_at_once_are_numbered_without_a_gap(desk: Desk) -> None:
    ticket = await filed(desk.people.customer())

    answers = await asyncio.gather(
        *(
            desk.agent.post(f"/api/v1/tickets/{ticket['id']}/replies", {"body": f"答复 {number}"})
            for number in range(200)
        )
    )

    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["number"] for answer in answers) == list(range(1, 201))
    events = await said(desk, ticket)
    assert [event.sequence for event in events] == list(range(1, 202))
    firsts = [event for event in events if event.data.get("first")]
    assert len(firsts) == 1


async def test_of_two_hundred_corrections_of_one_version_one_is_made(desk: Desk) -> None:
    ticket = await filed(desk.people.customer())
    path = f"/api/v1/tickets/{ticket['id']}"
    seen = (await desk.agent.get(path)).headers["etag"]

    answers = await asyncio.gather(
        *(
            desk.agent.client.patch(
                path, json={"subject": f"更正 {number}"}, headers={"If-Match": seen}
            )
            for number in range(200)
        )
    )

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200] + [412] * 199
    won = next(answer for answer in answers if answer.status_code == 200)
    assert (await desk.agent.get(path)).json()["subject"] == won.json()["subject"]
    unsaid = await desk.agent.client.patch(path, json={"subject": "没有版本"})
    assert unsaid.status_code == 428
