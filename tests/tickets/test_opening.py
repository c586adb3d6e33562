"""A request is taken: its number, its channel, its place in the organisation, its source."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from services.tickets.tickets.tables import tickets
from shared.auth.actor import Role
from shared.ids import new_id
from tests.tickets.conftest import Desk
from tests.tickets.steps import TAKEN, done, filed, said, shown, taken

PATH = "/api/v1/tickets"


async def count(desk: Desk) -> int:
    async with desk.database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(tickets)) or 0


@pytest.mark.feature("T-02")
async def test_every_channel_is_taken_told_and_found_and_no_other_is(desk: Desk) -> None:
    agreed = [
        "phone",
        "sms",
        "wechat",
        "mobile_app",
        "web",
        "online_chat",
        "social_media",
        "ecommerce",
        "store",
        "onsite",
        "comment_box",
        "hotline_12345",
        "letter",
        "internal",
    ]
    for channel in agreed:
        ticket = await taken(desk.agent, channel=channel)
        again = await desk.agent.post(PATH, TAKEN | {"channel": channel}, key=f"take-{channel}")
        twin = await desk.agent.post(PATH, TAKEN | {"channel": channel}, key=f"take-{channel}")
        assert twin.json() == again.json()
        assert (await shown(desk.agent, ticket))["channel"] == channel
        assert [event.data["channel"] for event in await said(desk, ticket)] == [channel]

    for unknown in ("fax", "PHONE", "", None, 1):
        refused = await desk.agent.post(PATH, TAKEN | {"channel": unknown})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/channel"
    assert await count(desk) == 2 * len(agreed)


async def test_numbers_are_never_given_twice_and_say_kind_and_day(desk: Desk) -> None:
    letters = {"complaint": "C", "repair": "R", "consultation": "Q", "business_request": "B"}
    asked = [kind for kind in letters for _ in range(10)]
    made = await asyncio.gather(*(taken(desk.agent, kind=kind) for kind in asked))
    assert max(Counter(ticket["number"] for ticket in made).values()) == 1
    for ticket in made:
        day, _, counter = ticket["number"][1:].partition("-")
        assert ticket["number"][0] == letters[ticket["kind"]]
        assert (len(day), day.isdigit(), len(counter), counter.isdigit()) == (8, True, 6, True)
        found = await desk.agent.get(PATH, params={"number": ticket["number"]})
        assert [one["id"] for one in found.json()["data"]] == [ticket["id"]]


async def test_a_sources_record_is_taken_once_even_by_twenty_at_once(desk: Desk) -> None:
    record = {"source": "12345", "source_ref": "GD-2026-0001", "channel": "hotline_12345"}

    answers = await asyncio.gather(
        *(desk.agent.post(PATH, TAKEN | record | {"subject": f"第 {n} 次"}) for n in range(20))
    )
    late = await desk.stranger.post(PATH, TAKEN | record)

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["code"] for answer in (*refused, late)} == {"source_taken"}
    assert {answer.headers["content-language"] for answer in refused} == {"zh"}
    assert refused[0].json()["title"] == "来源记录已经登记过"
    assert await count(desk) == 1
    other = await desk.agent.post(PATH, TAKEN | record | {"source": "crm"})
    assert other.status_code == 201


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"customer_id": str(new_id())}, "unknown_customer"),
        ({"category_id": str(new_id())}, "unknown_category"),
        ({"org_unit_id": str(new_id())}, "unknown_org_unit"),
        ({"source": "crm"}, "invalid_request"),
        ({"source_ref": "1"}, "invalid_request"),
    ],
)
async def test_what_does_not_exist_is_refused_and_no_ticket_is_left(
    desk: Desk, given: dict[str, str], code: str
) -> None:
    refused = await desk.agent.post(PATH, TAKEN | given)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert await count(desk) == 0


async def test_only_who_works_in_the_team_or_above_it_is_made_responsible(desk: Desk) -> None:
    admin = await desk.people.staff(Role.ADMIN)

    async def member(unit: Any) -> str:
        body = {"name": "周文斌", "roles": ["agent"], "org_unit_ids": [str(unit)]}
        added: str = (await admin.post("/api/v1/staff", body)).json()["id"]
        return added

    ticket = await filed(desk.people.customer())
    path = f"{PATH}/{ticket['id']}/assign"
    insider, outsider = await member(desk.team), await member(desk.other_team)
    for assignee in (outsider, str(new_id())):
        body = {"org_unit_id": str(desk.team), "assignee_id": assignee}
        refused = await desk.supervisor.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (422, "not_a_member")
    assert (await shown(desk.supervisor, ticket))["version"] == 1

    await done(
        desk.supervisor,
        ticket,
        "assign",
        {"org_unit_id": str(desk.team), "assignee_id": insider},
    )
    assert (await shown(desk.agent, ticket))["assignee_id"] == insider


async def test_a_category_can_be_corrected_taken_away_and_is_told_only_when_it_changed(
    desk: Desk,
) -> None:
    known = (await desk.agent.get("/api/v1/categories")).json()["data"][0]["id"]
    ticket = await taken(desk.agent, category_id=known)

    async def correct(**changes: Any) -> Any:
        return await desk.agent.client.patch(f"{PATH}/{ticket['id']}", json=changes)

    assert (await correct(category_id=known, version=1)).json()["version"] == 1
    taken_away = await correct(category_id=None, subject=None, version=1)
    assert (taken_away.json()["category_id"], taken_away.json()["subject"]) == (
        None,
        TAKEN["subject"],
    )
    unknown = await correct(category_id=str(new_id()), version=2)
    assert unknown.json()["code"] == "unknown_category"
    events = [(event.type, event.data["category_id"]) for event in await said(desk, ticket)]
    assert events == [("ticket.created", known), ("ticket.recategorized", None)]


@pytest.mark.feature("T-46")
async def test_a_ticket_climbs_the_three_tiers_one_by_one_and_every_step_is_kept(
    desk: Desk,
) -> None:
    ticket = await filed(desk.people.customer())
    path = f"{PATH}/{ticket['id']}"
    up, down = {"reason": "needs_skill"}, {"reason": "answered"}
    bottom = await desk.agent.post(f"{path}/return", down)
    first = await desk.agent.post(f"{path}/escalate", up, key="escalate-1")
    again = await desk.agent.post(f"{path}/escalate", up, key="escalate-1")
    second = await desk.agent.post(f"{path}/escalate", up)
    top = await desk.agent.post(f"{path}/escalate", up)
    back = await desk.agent.post(f"{path}/return", down)

    assert (bottom.status_code, bottom.json()["code"]) == (409, "lowest_tier")
    assert (top.status_code, top.json()["code"]) == (409, "highest_tier")
    assert again.json() == first.json()
    tiers = [first.json()["tier"], second.json()["tier"], back.json()["tier"]]
    assert tiers == ["l2", "expert", "l2"]
    history = (await desk.agent.get(f"{path}/history")).json()
    moves = history["moves"]
    assert set(history["tier_seconds"]) == {"l1", "l2", "expert"}
    assert [(move["move"], move["tier"]) for move in moves] == [
        ("open", "l1"),
        ("escalate", "l2"),
        ("escalate", "expert"),
        ("return", "l2"),
    ]
    assert [move["moved_at"] for move in moves] == sorted(move["moved_at"] for move in moves)
    events = (await said(desk, ticket))[1:]
    assert [(event.data["from_tier"], event.data["tier"]) for event in events] == [
        ("l1", "l2"),
        ("l2", "expert"),
        ("expert", "l2"),
    ]
