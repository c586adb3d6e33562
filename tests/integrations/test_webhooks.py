"""Partners get what they subscribed to: signed, once or again under the same id, and never lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from standardwebhooks import Webhook, WebhookVerificationError

from services.integrations.staff_notices.tables import staff_notices
from services.integrations.webhooks.due_queries import claim_next
from services.integrations.webhooks.tables import (
    webhook_attempts,
    webhook_deliveries,
    webhook_messages,
    webhooks,
)
from shared.clock import utcnow
from shared.contracts.integrations import StaffNoticeRequest
from shared.database import Session
from shared.http.idempotency import idempotency_keys
from shared.ids import new_id
from tests.integrations.conftest import Edges
from tests.integrations.letters import hear, staff_changed
from tests.integrations.outgoing import HOOKS, LOG, deliver, desk, erased, hired, key
from tests.integrations.test_egress import STRINGS, secure
from tests.support.partner import Partner, answering, partner
from tests.support.patience import PATIENCE_SECONDS, until

PLANNED = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]


@pytest.fixture
async def crm() -> AsyncIterator[Partner]:
    """Run a partner's server."""
    async with partner() as running:
        yield running


def verified(secret: str, taken: Any) -> Any:
    """Return what came, as the reference library believes it."""
    return Webhook(secret).verify(taken.body, taken.headers)


async def test_a_partner_gets_what_he_wants_and_the_reference_library_believes_it(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm)
    wanted, other = erased(), staff_changed(new_id(), "agent")
    due: asyncio.Event = staff.edge.service.state["webhooks_due"]
    await hear(staff.edge, other)
    assert not due.is_set()
    await hear(staff.edge, wanted)
    assert due.is_set()  # who delivers need not look for himself
    await deliver(staff.edge)

    (taken,) = crm.requests
    said = json.loads(wanted.body)
    assert verified(hook["secret"], taken) == {
        "type": "customer.erased",
        "version": 1,
        "timestamp": said["time"],
        "subject": said["subject"],
        "epoch": 1,
        "sequence": 1,
        "data": said["data"],
    }
    assert (taken.target, taken.headers["webhook-id"]) == ("/hook", str(wanted.id))
    assert taken.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 43 + "=").verify(taken.body, taken.headers)
    delivery = await staff.delivery()
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)
    assert delivery["body"].encode() == taken.body
    (attempt,) = delivery["log"]
    assert (attempt["status"], attempt["failure"], attempt["answer"]) == (200, None, "taken")


async def test_an_event_that_is_heard_again_is_sent_once(edges: Edges, crm: Partner) -> None:
    staff = await desk(edges)
    await staff.subscribe(crm, "*")
    await staff.subscribe(crm, path="/other")
    event = erased()
    for _ in range(2):
        await hear(staff.edge, event, event)
    await deliver(staff.edge)
    await deliver(staff.edge)
    assert sorted(taken.target for taken in crm.requests) == ["/hook", "/other"]
    assert {taken.headers["webhook-id"] for taken in crm.requests} == {str(event.id)}


async def test_while_a_secret_is_replaced_both_sign_and_then_the_new_one_alone(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm)
    path, oldest = f"{HOOKS}/{hook['id']}/rotate-secret", hook["secret"]

    async def taken() -> Any:
        await hear(staff.edge, erased())
        await deliver(staff.edge)
        return crm.requests[-1]

    old = (await staff.does(path, {"grace_seconds": 3600}))["secret"]
    both = await taken()
    assert len(both.headers["webhook-signature"].split()) == 2
    assert verified(oldest, both) == verified(old, both)

    new = (await staff.does(path, {"grace_seconds": 3600}))["secret"]
    late = await taken()
    assert verified(old, late) == verified(new, late)
    with pytest.raises(WebhookVerificationError):
        verified(oldest, late)

    last = (await staff.does(path, {"grace_seconds": 0}))["secret"]
    alone = await taken()
    assert verified(last, alone)
    with pytest.raises(WebhookVerificationError):
        verified(new, alone)
    assert len({oldest, old, new, last}) == 4


async def test_a_secret_is_shown_once_and_lies_nowhere_in_clear_text_nor_does_the_address(
    edges: Edges, crm: Partner, capsys: pytest.CaptureFixture[str]
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm, path="/hook/whoever-knows-this")
    secret = hook["secret"].removeprefix("whsec_")
    crm.behave(answering(500, b"we know " + secret.encode()))
    await hear(staff.edge, erased())
    await deliver(staff.edge)
    async with staff.edge.database.transaction() as session:
        stored = [
            str(list(await session.execute(select(table))))
            for table in (webhooks, webhook_deliveries, webhook_attempts, idempotency_keys)
        ]
    assert secret not in "".join(stored)
    assert "whoever-knows-this" not in "".join(stored)
    assert (await staff.webhook(hook["id"]))["url"] == crm.url("/hook/whoever-knows-this")
    assert secret not in str(await staff.webhook(hook["id"]))
    assert secret not in (await staff.admin.get(HOOKS)).text
    said = "".join(capsys.readouterr())
    assert secret not in said
    assert "whoever-knows-this" not in said


@pytest.mark.feature("I-16")
async def test_what_fails_five_times_is_dead_and_goes_out_again_by_hand_under_the_same_id(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges, webhook_retry_seconds=[1, 2, 3, 4])
    await staff.subscribe(crm)
    crm.behave("fails")
    event, began = erased(), utcnow()
    await hear(staff.edge, event)
    for minute in range(8):
        await deliver(staff.edge, began + timedelta(minutes=minute))
    dead = await staff.delivery()
    assert (dead["state"], dead["attempts"], len(crm.requests)) == ("dead", 5, 5)
    assert [a["failure"] for a in dead["log"]] == ["server_error"] * 5
    assert [a["answer"] for a in dead["log"]] == ["a stack trace"] * 5
    assert [one["id"] for one in await staff.deliveries(state="dead")] == [dead["id"]]

    again = f"{LOG}/{dead['id']}/redeliver"
    agent = await hired(staff.edge, "agent")
    assert (await agent.post(again)).status_code == 403
    crm.behave("takes")
    once = key()
    first, second = [await staff.admin.post(again, key=once) for _ in range(2)]
    assert (first.status_code, second.json()) == (202, first.json())
    await deliver(staff.edge)
    assert len(crm.requests) == 6
    assert {taken.headers["webhook-id"] for taken in crm.requests} == {str(event.id)}
    assert len({taken.body for taken in crm.requests}) == 1
    settled = await staff.delivery()
    assert (settled["state"], settled["log"][-1]["trigger"]) == ("delivered", "by_hand")
    assert await staff.deliveries(state="dead") == []


async def test_by_hand_is_one_attempt_and_a_failure_starts_no_schedule(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges, webhook_retry_seconds=[1])
    await staff.subscribe(crm)
    crm.behave("fails")
    await hear(staff.edge, erased())
    for minute in range(3):
        await deliver(staff.edge, utcnow() + timedelta(minutes=minute))
    dead = await staff.delivery()
    await staff.does(f"{LOG}/{dead['id']}/redeliver")
    for minute in range(3):
        await deliver(staff.edge, utcnow() + timedelta(minutes=minute))
    assert ((await staff.delivery())["state"], len(crm.requests)) == ("dead", 3)


async def test_attempts_follow_the_schedule_of_the_specification_for_three_days(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    await staff.subscribe(crm)
    crm.behave("fails")
    await hear(staff.edge, erased())
    await deliver(staff.edge)
    waited = []
    for planned in PLANNED:
        shown = await staff.delivery()
        attempt = shown["log"][-1]
        ended = datetime.fromisoformat(attempt["began_at"])
        ended += timedelta(milliseconds=attempt["duration_ms"])
        due = datetime.fromisoformat(shown["due_at"])
        waited.append((due - ended).total_seconds() / planned)
        before = len(crm.requests)
        await deliver(staff.edge, due - timedelta(milliseconds=1))
        assert len(crm.requests) == before
        await deliver(staff.edge, due)
        assert len(crm.requests) == before + 1
    assert all(0.799 <= part <= 1.201 for part in waited), waited
    assert len({round(part, 3) for part in waited}) > 1
    assert (await staff.delivery())["state"] == "dead"


async def test_a_partner_who_is_gone_gets_nothing_more_and_the_administrators_are_told(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    other = await hired(staff.edge, "admin")
    left = await staff.edge.staff("admin", active=False)
    hook = await staff.subscribe(crm)
    crm.behave(answering(500))
    await hear(staff.edge, erased())
    await deliver(staff.edge)  # waits for its next attempt
    crm.behave("is_gone")
    await hear(staff.edge, erased())
    later = utcnow() + timedelta(seconds=2)
    await deliver(staff.edge, later)
    shown = await staff.webhook(hook["id"])
    assert (shown["state"], shown["disabled_reason"]) == ("disabled", "gone")
    assert sorted(d["state"] for d in await staff.deliveries()) == ["cancelled", "dead"]
    sent = len(crm.requests)
    await hear(staff.edge, erased())
    await deliver(staff.edge, later + timedelta(days=1))
    assert len(crm.requests) == sent

    for admin in (staff.admin, other):
        (notice,) = (await admin.get("/api/v1/my-notices")).json()["data"]
        assert (notice["template"], notice["reference_id"]) == ("webhook_disabled", hook["id"])
        assert "410" in notice["text"]
    async with staff.edge.database.transaction() as session:
        told = set(await session.scalars(select(staff_notices.c.staff_id)))
    assert told == {staff.admin.id, other.id} != {left}


async def test_who_takes_nothing_for_days_is_given_up_and_whoever_takes_once_is_forgiven(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges, webhook_retry_seconds=[60], webhook_disable_seconds=3600)
    hook = await staff.subscribe(crm)
    began = utcnow()

    async def event_at(minutes: int, behaviour: str) -> str:
        crm.behave(behaviour)
        await hear(staff.edge, erased())
        for wait in (0, 5):
            await deliver(staff.edge, began + timedelta(minutes=minutes + wait))
        return str((await staff.webhook(hook["id"]))["state"])

    assert await event_at(1, "fails") == "active"
    assert (await staff.webhook(hook["id"]))["failing_since"] is not None
    assert await event_at(30, "takes") == "active"
    assert (await staff.webhook(hook["id"]))["failing_since"] is None
    assert await event_at(40, "fails") == "active"
    assert await event_at(90, "fails") == "active"
    assert await event_at(120, "fails") == "disabled"
    shown = await staff.webhook(hook["id"])
    assert shown["disabled_reason"] == "failing"
    (notice,) = (await staff.admin.get("/api/v1/my-notices")).json()["data"]
    assert notice["template"] == "webhook_disabled"


async def test_what_comes_while_it_is_off_is_kept_and_sent_when_somebody_asks(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm)
    began, path = utcnow(), f"{HOOKS}/{hook['id']}"
    off, off_again = await staff.does(f"{path}/disable"), await staff.does(f"{path}/disable")
    assert off["version"] == off_again["version"] == 2
    for refused in ("test", "recover"):
        body = {"since": began.isoformat()} if refused == "recover" else None
        answer = await staff.admin.post(f"{path}/{refused}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "webhook_disabled")
    missed = [erased() for _ in range(3)]
    await hear(staff.edge, *missed)
    await deliver(staff.edge)
    await staff.does(f"{path}/enable")
    await deliver(staff.edge)
    assert crm.requests == []
    assert {d["state"] for d in await staff.deliveries()} == {"cancelled"}

    since_then = {"since": utcnow().isoformat()}
    assert await staff.does(f"{path}/recover", since_then) == {"recovered": 0}
    assert await staff.does(f"{path}/recover", {"since": began.isoformat()}) == {"recovered": 3}
    assert await staff.does(f"{path}/recover", {"since": began.isoformat()}) == {"recovered": 0}
    await deliver(staff.edge)
    ids = {taken.headers["webhook-id"] for taken in crm.requests}
    assert (len(crm.requests), ids) == (3, {str(event.id) for event in missed})
    old = (utcnow() - timedelta(days=15)).isoformat()
    answer = await staff.admin.post(f"{path}/recover", {"since": old})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_long_ago")


async def test_what_is_not_live_or_too_old_does_not_leave_and_is_counted(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm)
    old = utcnow() - timedelta(days=3)
    events = [erased(origin=origin) for origin in ("import", "replay", "demo")]
    await hear(staff.edge, *events, erased(time=old))
    await hear(staff.edge, *events)
    await deliver(staff.edge)
    assert (crm.requests, await staff.deliveries()) == ([], [])
    shown = await staff.webhook(hook["id"])
    assert shown["suppressed"] == {"not_live": 3, "too_old": 1}


async def test_two_workers_send_each_event_once(edges: Edges, crm: Partner) -> None:
    staff = await desk(edges)
    other = await edges(database=staff.edge.database, egress_allow="127.0.0.1")
    await staff.subscribe(crm)
    events = [erased() for _ in range(30)]
    await hear(staff.edge, *events)
    await asyncio.gather(deliver(staff.edge), deliver(other))
    ids = [taken.headers["webhook-id"] for taken in crm.requests]
    assert sorted(ids) == sorted(str(event.id) for event in events)


async def test_two_workers_who_look_at_once_do_not_both_take_a_partners_last_place(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    await staff.subscribe(crm)
    await hear(staff.edge, *(erased() for _ in range(4)))
    database, now = staff.edge.database, utcnow()

    async def claimed(session: Session) -> bool:
        lease = timedelta(minutes=1)
        found = await claim_next(session, now=now, lease=lease, failing_too=True)
        return found is not None

    async def looks_too() -> bool:
        async with database.transaction() as session:
            return await claimed(session)

    async def waits() -> bool:
        async with database.transaction() as session:
            waiting = text(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            return bool(await session.scalar(waiting))

    async with database.transaction() as session:
        await session.execute(webhooks.update().values(failing_since=now))
    async with database.transaction() as session:
        assert await claimed(session)
        other = asyncio.create_task(looks_too())

        async def settled_or_waiting() -> bool:
            return other.done() or await waits()

        await until(settled_or_waiting)
    assert await other is False


async def test_a_worker_that_dies_before_it_writes_down_leaves_a_repetition_with_the_same_id(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    await staff.subscribe(crm)
    await hear(staff.edge, erased())
    crm.behave("hangs")
    dying = asyncio.create_task(deliver(staff.edge))
    await until(lambda: len(crm.requests) == 1)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    crm.behave("takes")
    await deliver(staff.edge)
    assert len(crm.requests) == 1  # the lease of the dead worker is not over
    await deliver(staff.edge, utcnow() + timedelta(minutes=5))
    first, second = crm.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert ((await staff.delivery())["state"], (await staff.delivery())["attempts"]) == (
        "delivered",
        2,
    )


async def test_an_attempt_that_another_worker_took_over_ends_nothing(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    await staff.subscribe(crm)
    await hear(staff.edge, erased())
    gates, answers = [asyncio.Event(), asyncio.Event()], [answering(500), answering(200)]

    async def in_turn(writer: asyncio.StreamWriter) -> None:
        turn = len(crm.requests) - 1
        await gates[turn].wait()
        await answers[turn](writer)

    crm.behave(in_turn)
    slow = asyncio.create_task(deliver(staff.edge))
    await until(lambda: len(crm.requests) == 1)
    second = asyncio.create_task(deliver(staff.edge, utcnow() + timedelta(minutes=5)))
    await until(lambda: len(crm.requests) == 2)
    gates[0].set()
    await slow
    assert ((await staff.delivery())["state"], (await staff.delivery())["attempts"]) == (
        "sending",
        2,
    )
    gates[1].set()
    await second
    shown = await staff.delivery()
    assert (shown["state"], [one["number"] for one in shown["log"]]) == ("delivered", [2])


async def test_who_hangs_holds_up_nobody_else(edges: Edges, crm: Partner) -> None:
    staff = await desk(edges, webhook_timeout_seconds=PATIENCE_SECONDS * 2)
    async with partner() as stuck, partner() as stuck_too:
        for one in (stuck, stuck_too):
            one.behave("hangs")
            await staff.subscribe(one)
        healthy = UUID((await staff.subscribe(crm))["id"])
        async with staff.edge.database.transaction() as session:
            await session.execute(
                webhooks.update().where(webhooks.c.id != healthy).values(failing_since=utcnow())
            )
        await hear(staff.edge, *(erased() for _ in range(10)))
        working = asyncio.create_task(deliver(staff.edge))
        await until(lambda: len(crm.requests) == 10)
        await until(lambda: len(stuck.requests) + len(stuck_too.requests) == 2)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert (len(stuck.requests), len(stuck_too.requests)) == (1, 1)


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("takes", ("delivered", 200, None)),
        ("floods", ("delivered", 200, None)),
        ("fails", ("pending", 500, "server_error")),
        ("redirects", ("pending", 302, "redirect")),
        ("is_gone", ("dead", 410, "gone")),
        ("hangs", ("pending", None, "timed_out")),
        ("drips_headers", ("pending", None, "timed_out")),
        ("drips_body", ("pending", None, "timed_out")),
        ("breaks_off", ("pending", None, "broken_off")),
        ("talks_nonsense", ("pending", None, "broken_off")),
    ],
)
async def test_whatever_a_partner_does_ends_in_time_and_is_written_down(
    edges: Edges, crm: Partner, behaviour: str, expected: tuple[str, int | None, str | None]
) -> None:
    staff = await desk(edges, webhook_timeout_seconds=1)
    await staff.subscribe(crm)
    crm.behave(behaviour)
    await hear(staff.edge, erased())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await deliver(staff.edge)
    shown = await staff.delivery()
    (attempt,) = shown["log"]
    assert (shown["state"], attempt["status"], attempt["failure"]) == expected
    assert len(attempt["answer"] or "") <= 1024
    assert len(crm.requests) == 1
    if attempt["failure"] == "timed_out":
        due, began = (datetime.fromisoformat(t) for t in (shown["due_at"], attempt["began_at"]))
        assert due - began >= timedelta(seconds=60)


async def test_who_died_gets_it_when_he_lives_again(edges: Edges, crm: Partner) -> None:
    staff = await desk(edges)
    await staff.subscribe(crm)
    await crm.die()
    await hear(staff.edge, erased())
    await deliver(staff.edge)
    assert [a["failure"] for a in (await staff.delivery())["log"]] == ["not_connected"]
    await crm.live()
    await deliver(staff.edge, utcnow() + timedelta(minutes=1))
    assert ((await staff.delivery())["state"], len(crm.requests)) == ("delivered", 1)


async def test_who_lives_again_need_not_wait_for_hours(edges: Edges, crm: Partner) -> None:
    staff = await desk(edges, webhook_retry_seconds=[36_000])
    hook = await staff.subscribe(crm)
    began = {"since": utcnow().isoformat()}
    crm.behave("fails")
    await hear(staff.edge, erased(), erased())
    await deliver(staff.edge)
    assert {d["state"] for d in await staff.deliveries()} == {"pending"}
    crm.behave("takes")
    path = f"{HOOKS}/{hook['id']}/recover"
    assert await staff.does(path, {"since": utcnow().isoformat()}) == {"recovered": 0}
    assert await staff.does(path, began) == {"recovered": 2}
    assert await staff.does(path, began) == {"recovered": 0}
    await deliver(staff.edge)
    assert {d["state"] for d in await staff.deliveries()} == {"delivered"}
    assert len(crm.requests) == 4


async def test_an_address_that_leads_astray_cannot_be_subscribed(edges: Edges) -> None:
    edge = await edges()
    admin = await hired(edge, "admin")
    for url in (*STRINGS, *map(secure, STRINGS), "https://partner.invalid/"):
        answer = await admin.post(HOOKS, {"url": url, "event_types": ["*"]})
        assert (answer.status_code, answer.json()["code"]) == (422, "target_refused"), url
        assert answer.json()["reason"]
    assert (await admin.get(HOOKS)).json()["data"] == []


async def test_an_address_that_is_not_allowed_any_more_is_refused_at_delivery(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    await staff.subscribe(crm)
    strict = await edges(database=staff.edge.database)
    await hear(staff.edge, erased())
    await deliver(strict)
    assert crm.requests == []
    assert [a["failure"] for a in (await staff.delivery())["log"]] == ["target_refused"]


async def test_a_test_goes_the_way_of_every_event_and_is_one_attempt(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm)
    crm.behave("fails")
    await staff.does(f"{HOOKS}/{hook['id']}/test")
    await deliver(staff.edge)
    await deliver(staff.edge, utcnow() + timedelta(hours=1))
    (taken,) = crm.requests
    assert verified(hook["secret"], taken)["type"] == "webhook.test"
    assert (await staff.delivery())["state"] == "dead"
    assert (await staff.webhook(hook["id"]))["failing_since"] is None
    stranger = await staff.admin.post(f"{HOOKS}/{new_id()}/test")
    assert (stranger.status_code, stranger.json()["code"]) == (404, "webhook_not_found")


async def test_who_changed_what_another_changed_meanwhile_is_told(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm)
    path = f"{HOOKS}/{hook['id']}"
    assert (await staff.patch(path, {"event_types": ["*"]}, None)).status_code == 428
    changed = await staff.patch(path, {"event_types": ["*"], "description": "CRM"}, 1)
    assert (changed.json()["event_types"], changed.headers["etag"]) == (["*"], '"2"')
    assert (await staff.patch(path, {"description": None}, 1)).status_code == 412
    elsewhere = await staff.patch(path, {"url": crm.url("/elsewhere")}, 2)
    assert elsewhere.json()["url"] == crm.url("/elsewhere")
    moved = await staff.patch(path, {"url": "https://10.0.0.1/"}, 3)
    assert (moved.status_code, moved.json()["reason"]) == (422, "forbidden_address")
    assert (await staff.delete(path, None)).status_code == 428
    assert (await staff.delete(path, 1)).status_code == 412
    await hear(staff.edge, erased())
    assert (await staff.delete(path, 3)).status_code == 204
    assert (await staff.delete(path, 3)).status_code == 404
    await deliver(staff.edge)
    assert (crm.requests, await staff.deliveries()) == ([], [])


async def test_only_events_can_be_subscribed_and_letters_never(edges: Edges) -> None:
    staff = await desk(edges)
    for unknown in (StaffNoticeRequest.TYPE, "crm.customer_received", "ticket.sneezed", "ticket.*"):
        body = {"url": "http://127.0.0.1:9/", "event_types": ["ticket.closed", unknown]}
        answer = await staff.admin.post(HOOKS, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_event_type")
        assert answer.json()["unknown"] == [unknown]
    assert (await staff.admin.get(HOOKS)).json()["data"] == []


async def test_nobody_but_administrators_sees_or_makes_subscriptions(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm)
    body = {"url": crm.url("/"), "event_types": ["*"]}
    for role in ("agent", "supervisor", "manager", "operator"):
        person = await hired(staff.edge, role)
        assert (await person.get(HOOKS)).status_code == 403
        assert (await person.get(LOG)).status_code == 403
        assert (await person.post(HOOKS, body)).status_code == 403
        assert (await person.post(f"{HOOKS}/{hook['id']}/rotate-secret", {})).status_code == 403
    assert (await staff.edge.anybody.get(HOOKS)).status_code == 401


async def test_deliveries_are_listed_newest_first_by_type_state_and_subscription(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    first, second = await staff.subscribe(crm), await staff.subscribe(crm, "staff.changed")
    await hear(staff.edge, erased(), erased(), staff_changed(new_id(), "agent"))
    await deliver(staff.edge)
    assert len(await staff.deliveries(webhook_id=first["id"], state="delivered")) == 2
    assert len(await staff.deliveries(type="staff.changed")) == 1
    assert await staff.deliveries(webhook_id=second["id"], type="customer.erased") == []
    seen, query = [], {"limit": "1"}
    while query:
        page = (await staff.admin.get(LOG, params=query)).json()
        seen += [row["created_at"] for row in page["data"]]
        query = {"limit": "1", "cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert (len(seen), seen) == (3, sorted(seen, reverse=True))


async def test_the_log_is_forgotten_after_ninety_days_and_what_waits_is_not(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    await staff.subscribe(crm)
    await hear(staff.edge, erased())
    await deliver(staff.edge)
    crm.behave("fails")
    await hear(staff.edge, erased())
    await deliver(staff.edge)
    forget = next(s for s in staff.edge.service.sweeps if s.name == "webhook_log")
    await forget.run(staff.edge.database, utcnow() + timedelta(days=89))
    assert len(await staff.deliveries()) == 2
    await forget.run(staff.edge.database, utcnow() + timedelta(days=91))
    assert [d["state"] for d in await staff.deliveries()] == ["pending"]
    async with staff.edge.database.transaction() as session:
        messages = list(await session.execute(select(webhook_messages)))
    assert len(messages) == 1
