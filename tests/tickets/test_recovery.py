"""A loop case is handled once: in a recovery ticket, or in the root ticket that is open again."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import delete, select

from services.tickets.directory.keep_directory import add_staff
from shared.audit import audit_entries
from shared.auth.actor import Role
from shared.bus.interface import Message
from shared.clock import utcnow
from shared.contracts.feedback import LoopOpened
from shared.dead_letters.tables import dead_letters
from shared.ids import new_id
from shared.restores.epochs import raise_epoch
from tests.support.people import Person
from tests.tickets.conftest import Desk
from tests.tickets.loops import closed_by, hear, loop_about, message_of, recoveries
from tests.tickets.steps import COMPLAINT, SOLUTION, done, filed, notices, said, shown, taken


def loop_of(message: Message) -> LoopOpened:
    return LoopOpened.model_validate(orjson.loads(message.body)["data"])


async def notes(desk: Desk, ticket: dict[str, Any]) -> list[str]:
    answer = await desk.supervisor.get(f"/api/v1/tickets/{ticket['id']}/messages")
    return [one["body"] for one in answer.json()["data"] if one["visibility"] == "internal"]


async def hired(desk: Desk, unit_id: UUID) -> UUID:
    """Hire a supervisor for a unit."""
    async with desk.database.transaction() as session:
        member = await add_staff(
            session,
            name="小林",
            roles=[Role.SUPERVISOR],
            org_unit_ids=[unit_id],
            now=utcnow(),
        )
    return member.id


async def test_a_closed_ticket_gets_one_recovery_ticket_with_the_limits_of_its_case(
    desk: Desk,
) -> None:
    customer = desk.people.customer()
    root = await filed(customer)
    await closed_by(customer, desk, root)
    owner_id = await hired(desk, desk.team)
    message = loop_about(root, owner_id=owner_id)
    loop = loop_of(message)

    for again in (message, message, message_of(loop)):
        assert await hear(desk, again) == {}

    (recovery,) = await recoveries(desk)
    root = await shown(desk.agent, root)
    assert recovery["number"].startswith("V")
    assert {name: recovery[name] for name in ("channel", "org_unit_id", "customer_id")} == {
        name: root[name] for name in ("channel", "org_unit_id", "customer_id")
    }
    assert (recovery["state"], recovery["priority"]) == ("new", "high")
    assert (recovery["source"], recovery["source_ref"]) == ("feedback", str(loop.case_id))
    assert recovery["assignee_id"] == str(owner_id)
    assert datetime.fromisoformat(recovery["first_response_due_at"]) == loop.contact_due_at
    assert datetime.fromisoformat(recovery["resolution_due_at"]) == loop.result_due_at
    assert root["number"] in recovery["subject"]
    assert (recovery["recovers_ticket_id"], root["recovery_ticket_id"]) == (
        root["id"],
        recovery["id"],
    )
    assert recovery["loop_case_id"] == root["loop_case_id"] == str(loop.case_id)
    assert root["state"] == "closed"
    (told,), (pointer,) = await notes(desk, recovery), await notes(desk, root)
    assert root["number"] in told
    assert "1 分" in told
    assert "没有解决" in told
    assert recovery["number"] in pointer

    events = await said(desk, recovery)
    assert [one.type for one in events] == [
        "ticket.created",
        "ticket.assigned",
        "ticket.recovery_taken",
    ]
    assert [one.sequence for one in events] == [1, 2, 3]
    taken_event = events[-1].data
    assert taken_event["case_id"] == str(loop.case_id)
    assert (taken_event["root_ticket_id"], taken_event["cycle_no"]) == (root["id"], 1)
    assert taken_event["noted"] is False
    assert [one["template"] for one in await notices(desk, recovery)] == ["recovery_begun"]
    listed = await desk.supervisor.get("/api/v1/tickets", params={"kind": "recovery"})
    assert [one["id"] for one in listed.json()["data"]] == [recovery["id"]]
    his = await customer.get(f"/api/v1/my/tickets/{recovery['id']}/messages")
    assert his.json()["data"] == []


async def test_an_owner_who_does_not_work_there_is_not_made_responsible(desk: Desk) -> None:
    customer = desk.people.customer()
    root = await filed(customer)
    await closed_by(customer, desk, root)
    await hear(desk, loop_about(root, owner_id=await hired(desk, desk.other_team)))
    (recovery,) = await recoveries(desk)
    assert (recovery["assignee_id"], recovery["org_unit_id"]) == (None, str(desk.team))
    assert [one.type for one in await said(desk, recovery)] == [
        "ticket.created",
        "ticket.recovery_taken",
    ]


@pytest.mark.parametrize("resolved", [False, True])
async def test_a_ticket_that_is_open_again_is_its_own_recovery(
    desk: Desk, *, resolved: bool
) -> None:
    customer = desk.people.customer()
    root = await filed(customer)
    await closed_by(customer, desk, root)
    await done(desk.supervisor, root, "reopen", {"reason": "not_solved"})
    if resolved:
        await done(desk.agent, root, "resolve", SOLUTION)
    before = await shown(desk.agent, root)
    message = loop_about(root, owner_id=desk.supervisor.id)
    loop = loop_of(message)

    for again in (message, message_of(loop)):
        assert await hear(desk, again) == {}

    assert await recoveries(desk) == []
    noted = await shown(desk.agent, root)
    assert noted["loop_case_id"] == str(loop.case_id)
    assert (noted["recovers_ticket_id"], noted["recovery_ticket_id"]) == (None, None)
    assert (noted["state"], noted["assignee_id"]) == (before["state"], before["assignee_id"])
    assert len(await notes(desk, root)) == 1
    (event,) = [one for one in await said(desk, root) if one.type == "ticket.recovery_taken"]
    assert (event.data["noted"], event.data["cycle_no"]) == (True, 2)
    assert event.data["ticket_id"] == event.data["root_ticket_id"] == root["id"]


async def test_a_cancelled_ticket_counts_as_ended(desk: Desk) -> None:
    customer = desk.people.customer()
    root = await filed(customer)
    await closed_by(customer, desk, root)
    await done(desk.supervisor, root, "reopen", {"reason": "recurred"})
    await done(desk.agent, root, "cancel", {"reason": "withdrawn"})
    await hear(desk, loop_about(root))
    assert len(await recoveries(desk)) == 1


async def test_two_workers_with_one_case_open_one_ticket(desk: Desk) -> None:
    customer = desk.people.customer()
    root = await filed(customer)
    await closed_by(customer, desk, root)
    loop = loop_of(loop_about(root, owner_id=desk.supervisor.id))
    again = await asyncio.gather(*(hear(desk, message_of(loop)) for _ in range(6)))
    assert again == [{}] * 6
    (recovery,) = await recoveries(desk)
    taken_events = [
        one
        for one in (*await said(desk, recovery), *await said(desk, root))
        if one.type == "ticket.recovery_taken"
    ]
    assert len(taken_events) == 1


async def test_a_case_about_an_unknown_ticket_is_put_aside_unless_a_restore_forgot_it(
    desk: Desk,
) -> None:
    unknown = {"id": str(new_id()), "kind": "complaint"}
    await hear(desk, loop_about(unknown), ladder=())
    async with desk.database.transaction() as session:
        (dead,) = list(await session.execute(select(dead_letters)))
        await session.execute(delete(dead_letters))
        await raise_epoch(session, backup_at=utcnow() - timedelta(hours=1), now=utcnow())
    assert dead.type == "feedback.loop_opened.v1"

    message = loop_about(unknown)  # after a restore it is one that was forgotten
    assert await hear(desk, message, ladder=()) == {}
    async with desk.database.transaction() as session:
        assert list(await session.execute(select(dead_letters))) == []
        passed = select(audit_entries.c.subject_id).where(
            audit_entries.c.action == "recovery.passed_over"
        )
        assert list(await session.scalars(passed)) == [loop_of(message).case_id]
    assert await recoveries(desk) == []


async def test_a_recovery_in_the_past_has_past_times_and_writes_to_nobody(desk: Desk) -> None:
    customer = desk.people.customer()
    root = await filed(customer)
    await closed_by(customer, desk, root)
    later = utcnow() + timedelta(minutes=5)
    await hear(desk, loop_about(root, origin="demo", opened_at=later))
    (recovery,) = await recoveries(desk)
    assert datetime.fromisoformat(recovery["created_at"]) == later
    assert {one.origin for one in await said(desk, recovery)} == {"demo"}
    assert await notices(desk, recovery) == []


async def test_nobody_makes_a_recovery_by_hand_or_something_else_of_one(desk: Desk) -> None:
    customer = desk.people.customer()
    root = await filed(customer)
    refusals = [
        await customer.post("/api/v1/my/tickets", COMPLAINT | {"kind": "recovery"}),
        await desk.agent.post(
            "/api/v1/tickets", COMPLAINT | {"kind": "recovery", "channel": "phone"}
        ),
        await corrected(desk.agent, root, "recovery"),
    ]
    assert [answer.status_code for answer in refusals] == [422] * 3
    assert {answer.json()["errors"][0]["pointer"] for answer in refusals} == {"/kind"}

    await closed_by(customer, desk, root)
    await hear(desk, loop_about(root))
    (recovery,) = await recoveries(desk)
    refused = await corrected(desk.agent, recovery, "complaint")
    assert (refused.status_code, refused.json()["code"]) == (409, "recovery_stays")
    assert (await shown(desk.agent, recovery))["kind"] == "recovery"


async def corrected(person: Person, ticket: dict[str, Any], kind: str) -> Any:
    version = (await shown(person, ticket))["version"]
    path = f"/api/v1/tickets/{ticket['id']}/update"
    return await person.post(path, {"kind": kind, "version": version})


async def test_a_resolution_says_how_often_the_customer_had_to_write(desk: Desk) -> None:
    customer = desk.people.customer()
    ticket = await filed(customer)
    for words in ("有人吗？", "还在等。"):
        await customer.post(f"/api/v1/my/tickets/{ticket['id']}/messages", {"body": words})
    await done(desk.agent, ticket, "replies", {"body": "在的。"})
    await done(desk.agent, ticket, "resolve", SOLUTION)
    objection = {"reason": "not_solved", "body": "还是不行。"}
    await customer.post(f"/api/v1/my/tickets/{ticket['id']}/dispute", objection)
    await done(desk.agent, ticket, "resolve", SOLUTION)
    silent = await taken(desk.agent)
    await done(desk.agent, silent, "resolve", SOLUTION)

    async def counted(one: dict[str, Any]) -> list[int]:
        events = await said(desk, one)
        return [e.data["customer_messages"] for e in events if e.type == "ticket.resolved"]

    assert await counted(ticket) == [2, 3]
    assert await counted(silent) == [0]


async def test_a_stranger_sees_neither_ticket_nor_recovery(desk: Desk) -> None:
    customer = desk.people.customer()
    root = await filed(customer)
    await closed_by(customer, desk, root)
    await hear(desk, loop_about(root))
    (recovery,) = await recoveries(desk)
    manager = await desk.people.staff(Role.MANAGER)
    assert (await manager.get(f"/api/v1/tickets/{recovery['id']}")).status_code == 200
    for nobody in (desk.stranger, desk.people.customer()):
        door = "/api/v1/tickets" if nobody is desk.stranger else "/api/v1/my/tickets"
        answer = await nobody.get(f"{door}/{recovery['id']}")
        assert (answer.status_code, answer.json()["code"]) == (404, "ticket_not_found")
