"""Lists and versions: pages stay where they are; nobody overwrites what he has not seen."""

from typing import Any

from tests.tickets.conftest import Desk
from tests.tickets.steps import done, filed, taken

PATH = "/api/v1/tickets"


async def pages(desk: Desk, *, while_reading: bool = False, **asked: Any) -> list[list[str]]:
    """Read a list to its end, two at a time; perhaps a ticket comes in after each page."""
    read, cursor = [], None
    while True:
        params = asked | {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = await desk.agent.get(PATH, params=params)
        assert answer.status_code == 200, answer.text
        read.append([ticket["id"] for ticket in answer.json()["data"]])
        cursor = answer.json()["next_cursor"]
        assert ("link" in answer.headers) == (cursor is not None)
        if cursor is None:
            return read
        if while_reading:
            await taken(desk.agent)


async def test_a_list_shows_each_ticket_once_newest_first_while_others_come_in(desk: Desk) -> None:
    there = [(await taken(desk.agent))["id"] for _ in range(7)]
    read = await pages(desk, while_reading=True)
    assert [len(page) for page in read] == [2, 2, 2, 1]
    assert [one for page in read for one in page] == there[::-1]


async def test_a_list_is_narrowed_by_what_is_asked(desk: Desk) -> None:
    urgent = await taken(desk.agent, priority="critical", kind="repair")
    await taken(desk.agent, priority="critical")
    customer = desk.people.customer()
    his = await filed(customer)
    await done(desk.agent, his, "start")

    assert await pages(desk, priority="critical", kind="repair") == [[urgent["id"]]]
    assert await pages(desk, customer_id=str(customer.id)) == [[his["id"]]]
    assert await pages(desk, state="open", assignee_id=str(desk.agent.id)) == [[his["id"]]]
    assert await pages(desk, state="closed") == [[]]


async def test_a_cursor_serves_its_own_question_only(desk: Desk) -> None:
    for _ in range(3):
        await taken(desk.agent)
    cursor = (await desk.agent.get(PATH, params={"limit": 2})).json()["next_cursor"]
    for params in ({"state": "new", "cursor": cursor}, {"cursor": cursor[:-2] + "xx"}):
        refused = await desk.agent.get(PATH, params=params)
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor")


async def test_who_has_the_present_version_is_sent_nothing(desk: Desk) -> None:
    ticket = await taken(desk.agent)
    path = f"{PATH}/{ticket['id']}"
    tag = (await desk.agent.get(path)).headers["etag"]
    known = await desk.agent.get(path, headers={"If-None-Match": f"W/{tag}"})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    await done(desk.agent, ticket, "start")
    changed = await desk.agent.get(path, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')


async def test_a_move_made_on_an_old_version_is_refused_and_says_the_present_one(
    desk: Desk,
) -> None:
    ticket = await taken(desk.agent)
    path = f"{PATH}/{ticket['id']}"
    await done(desk.agent, ticket, "start")
    headers = {"If-Match": '"1"', "Idempotency-Key": "resolve-1"}
    body = {"reason": "solved", "solution": "好了。"}

    stale = await desk.agent.client.post(f"{path}/resolve", json=body, headers=headers)
    fresh = await desk.agent.client.post(
        f"{path}/resolve", json=body, headers=headers | {"If-Match": stale.headers["etag"]}
    )

    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert stale.headers["etag"] == '"2"'
    assert fresh.json()["state"] == "resolved"


async def test_what_cannot_send_headers_sends_the_version_in_the_body(desk: Desk) -> None:
    ticket = await taken(desk.agent)
    path = f"{PATH}/{ticket['id']}/update"
    unsaid = await desk.agent.post(path, {"subject": "改"})
    made = await desk.agent.post(path, {"subject": "改", "version": 1}, key="update-1")
    again = await desk.agent.post(path, {"subject": "改", "version": 1}, key="update-1")
    late = await desk.agent.post(path, {"subject": "又改", "version": 1})
    statuses = [answer.status_code for answer in (unsaid, made, again, late)]
    assert statuses == [428, 200, 200, 412]
    assert again.json() == made.json()
