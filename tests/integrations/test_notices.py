"""Whoever asks for a notice gets one, whatever comes twice, late or in the other order."""

import asyncio
import itertools
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.integrations.contacts.tables import contacts
from services.integrations.notifications.queries import claim_due
from services.integrations.notifications.tables import notifications
from shared.clock import utcnow
from shared.database import Session
from shared.dead_letters.tables import dead_letters
from shared.ids import new_id
from tests.integrations.conftest import Edge, Edges
from tests.integrations.letters import contact, hear, hear_each, request
from tests.support.patience import PATIENCE_SECONDS
from tests.support.people import VAULT

LINK = "https://care.example/s/Zk3PqW8vTn5LrXy2Bd7HcA"


async def ended(edge: Edge) -> list[tuple[str, str | None]]:
    return [(notice.state, notice.reason) for notice in await edge.notices()]


async def test_a_notice_is_shown_and_said_to_be_delivered_once(edge: Edge) -> None:
    customer_id = new_id()
    asked = request(customer_id)
    await hear(edge, contact(customer_id), asked, asked)
    await hear(edge, asked)
    await edge.sweep()
    assert await edge.sweep() == 0

    (event,) = await edge.said()
    assert event[0] == "notification.delivered"
    assert event[1]["channel"] == "outbox"
    assert event[1]["reference_kind"] == "survey_invitation"
    page = await edge.anybody.get("/outbox")
    assert page.text.count(f'<a href="{LINK}">{LINK}</a>') == 1
    assert "w***@example.com" in page.text
    assert "wang@example.com" not in page.text


async def test_a_notice_that_is_asked_for_in_two_letters_is_one(edge: Edge) -> None:
    """A service that was restored from a backup may ask again, in a letter with another id."""
    customer_id, notice_id = new_id(), new_id()
    await hear(edge, contact(customer_id), request(customer_id, notification_id=notice_id))
    await edge.sweep()
    await hear(edge, request(customer_id, notification_id=notice_id))
    assert await edge.sweep() == 0
    assert await ended(edge) == [("delivered", None)]
    assert [kind for kind, _ in await edge.said()] == ["notification.delivered"]


async def test_the_order_of_letters_makes_no_difference(edges: Edges) -> None:
    customer_id = new_id()
    old, new = (
        contact(customer_id, sequence=n, name=name) for n, name in ((1, "旧名"), (2, "新名"))
    )
    asked = request(customer_id)
    seen = set()
    for order in itertools.permutations((old, new, asked)):
        edge = await edges()
        for message in order:
            await hear_each(edge, (message, message))
        await edge.sweep()
        page = (await edge.anybody.get("/outbox")).text
        seen.add((tuple(await ended(edge)), "新名，您好" in page, "旧名" in page))
        assert [kind for kind, _ in await edge.said()] == ["notification.delivered"]
    assert seen == {((("delivered", None),), True, False)}


async def test_a_notice_waits_for_the_address_and_goes_when_it_comes(edge: Edge) -> None:
    customer_id = new_id()
    await hear(edge, request(customer_id))
    assert await edge.sweep() == 0
    assert await ended(edge) == [("waiting_contact", None)]
    await hear(edge, contact(customer_id))
    assert await edge.sweep() == 1
    assert await ended(edge) == [("delivered", None)]


async def test_a_notice_goes_at_once_though_who_asked_for_it_is_ahead_of_our_time(
    edge: Edge,
) -> None:
    customer_id = new_id()
    ahead = utcnow() + timedelta(minutes=10)
    await hear(edge, contact(customer_id), request(customer_id, asked_at=ahead))
    assert await edge.sweep() == 1
    assert await ended(edge) == [("delivered", None)]


async def test_a_notice_whose_address_never_comes_fails_when_it_is_worthless(edge: Edge) -> None:
    await hear(edge, request(new_id(), worth=timedelta(hours=1)))
    assert await edge.sweep(utcnow() + timedelta(minutes=59)) == 0
    assert await edge.sweep(utcnow() + timedelta(minutes=61)) == 1
    assert await ended(edge) == [("failed", "no_contact")]
    ((kind, data),) = await edge.said()
    assert (kind, data["reason"]) == ("notification.failed", "no_contact")


@pytest.mark.parametrize("origin", ["import", "replay", "demo"])
async def test_nobody_is_written_to_about_what_is_not_live(edge: Edge, origin: str) -> None:
    customer_id = new_id()
    asked = request(customer_id, origin=origin)
    await hear(edge, contact(customer_id), asked, asked)
    assert await edge.sweep() == 0
    assert await ended(edge) == [("failed", "not_live")]
    assert [kind for kind, _ in await edge.said()] == ["notification.failed"]


@pytest.mark.parametrize(
    ("template", "parameters", "reason"),
    [
        ("birthday_card", {}, "unknown_template"),
        ("ticket_received", {"number": "C1", "subject": "x"}, "unreadable"),
        (
            "ticket_received",
            {
                "number": "C1",
                "subject": "x",
                "first_response_due_at": "soon",
                "resolution_due_at": "later",
            },
            "unreadable",
        ),
    ],
)
async def test_a_notice_that_cannot_be_written_fails_and_holds_up_no_other(
    edge: Edge, template: str, parameters: dict[str, str], reason: str
) -> None:
    customer_id = new_id()
    await hear(edge, contact(customer_id))
    await hear(edge, request(customer_id, template=template, parameters=parameters))
    await hear(edge, request(customer_id))
    await edge.sweep()
    assert sorted(await ended(edge), key=str) == [("delivered", None), ("failed", reason)]
    assert (await edge.anybody.get("/outbox")).status_code == 200


async def test_two_workers_deliver_each_notice_once(edges: Edges) -> None:
    edge = await edges()
    other = await edges(database=edge.database)
    customer_id = new_id()
    await hear(edge, contact(customer_id), *(request(customer_id) for _ in range(30)))

    async def drain(one: Edge) -> None:
        while await one.sweep():
            pass

    await asyncio.gather(drain(edge), drain(other))
    assert [kind for kind, _ in await edge.said()] == ["notification.delivered"] * 30
    assert {(n.state, n.attempts) for n in await edge.notices()} == {("delivered", 1)}


async def test_what_one_worker_claims_another_neither_waits_for_nor_takes(edge: Edge) -> None:
    customer_id = new_id()
    await hear(edge, contact(customer_id), *(request(customer_id) for _ in range(4)))

    async def claimed(session: Session) -> set[UUID]:
        lease = timedelta(minutes=10)
        notices = await claim_due(session, VAULT, now=utcnow(), lease=lease, limit=2)
        return {notice.id for notice in notices}

    async with edge.database.transaction() as one, edge.database.transaction() as other:
        async with asyncio.timeout(PATIENCE_SECONDS):
            first, second = await claimed(one), await claimed(other)
    assert (len(first), len(second), first & second) == (2, 2, set())


async def test_addresses_and_words_lie_encrypted_in_the_database(edge: Edge) -> None:
    customer_id = new_id()
    await hear(edge, contact(customer_id), request(customer_id))
    await edge.sweep()
    async with edge.database.transaction() as session:
        rows = [
            *(await session.execute(select(contacts))),
            *(await session.execute(select(notifications))),
            *(await session.execute(select(dead_letters))),
        ]
    stored = str(rows)
    for secret in ("wang", "王芳", "13800001111", "Zk3PqW8vTn5LrXy2Bd7HcA", "C20261122"):
        assert secret not in stored


async def test_what_customers_wrote_is_text_on_the_notice_page(edge: Edge) -> None:
    customer_id = new_id()
    reply = "<script>alert(1)</script> & 「引号」 \u202e"
    parameters = {"number": "C1", "subject": "<b>表</b>", "reply": reply}
    await hear(edge, contact(customer_id, name="<i>王</i>"))
    await hear(edge, request(customer_id, template="ticket_replied", parameters=parameters))
    await hear(edge, request(customer_id, parameters={"link": "javascript:alert(1)"}))
    await edge.sweep()
    page = await edge.anybody.get("/outbox")
    assert "<script" not in page.text
    assert "<i>" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 「引号」" in page.text
    assert 'href="javascript' not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_outside_development_there_is_no_notice_page(edges: Edges) -> None:
    edge = await edges(development=False)
    answer = await edge.anybody.get("/outbox")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_an_operator_sees_how_far_notices_are_and_not_what_they_say(edge: Edge) -> None:
    customer_id = new_id()
    await hear(edge, contact(customer_id), *(request(customer_id) for _ in range(3)))
    await edge.sweep()
    await edge.staff("operator")
    await edge.staff("agent")
    operator, agent = await edge.bearing(role="operator"), await edge.bearing(role="agent")

    first = (await operator.get("/api/v1/notifications?limit=2&state=delivered")).json()
    rest = await operator.get(
        f"/api/v1/notifications?limit=2&state=delivered&cursor={first['next_cursor']}"
    )
    rows = first["data"] + rest.json()["data"]
    assert [row["template"] for row in rows] == ["survey_invitation"] * 3
    assert len({row["id"] for row in rows}) == 3
    assert not {"parameters", "customer_id", "recipient"} & set(rows[0])
    assert "wang" not in rest.text
    assert (await agent.get("/api/v1/notifications")).status_code == 403
    assert (await edge.anybody.get("/api/v1/notifications")).status_code == 401
    assert (await operator.get("/api/v1/notifications?state=lost")).status_code == 422
