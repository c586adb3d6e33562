"""Feedback from its receipt to its archive, through the doors of the service."""

import asyncio
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from services.feedback.items.tables import item_originals, items
from shared.audit import audit_entries
from shared.auth.actor import Role
from shared.clock import utcnow
from shared.contracts.integrations import NotificationDelivered, NotificationFailed
from shared.contracts.tickets import StaffChanged
from shared.ids import new_id
from tests.feedback.conftest import Feedback, letters, message
from tests.feedback.loop_life import case_of, low_score, taken
from tests.feedback.voices import (
    Desk,
    comment,
    complaint,
    completed,
    graded,
    open_desk,
    survey,
    withdrawn,
)

LIFE = ["receive", "classify", "analyze", "process", "reply", "give_result", "follow_up"]
STEPS = ("classify", "analyze", "process", "result", "replies", "follow-up", "verify", "close")


@pytest.fixture
async def desk(feedback: Feedback) -> Desk:
    return await open_desk(feedback)


@pytest.mark.feature("F-04")
async def test_feedback_lives_step_by_step_and_a_jump_is_refused_with_what_is_allowed(
    feedback: Feedback, desk: Desk
) -> None:
    item = await desk.take()
    jumped = await desk.agent.post(f"/api/v1/feedback/{item['id']}/process", {})
    assert (jumped.status_code, jumped.json()["code"]) == (409, "illegal_step")
    assert "classify" in jumped.json()["allowed"]
    assert "process" not in jumped.json()["allowed"]
    assert (await desk.shown(item["id"]))["state"] == "received"

    await desk.followed_up(item["id"])
    await desk.does(item["id"], "verify", {"note": "客户电话确认。"})
    key = str(uuid4())
    twice = [
        await desk.agent.post(f"/api/v1/feedback/{item['id']}/close", key=key) for _ in range(2)
    ]
    assert [one.json()["state"] for one in twice] == ["closed", "closed"]

    steps = (await desk.shown(item["id"], "/history"))["steps"]
    assert [one["move"] for one in steps] == [*LIFE, "verify", "close"]
    assert {one["actor_id"] for one in steps} == {str(desk.agent.id)}
    assert [one["made_at"] for one in steps] == sorted(one["made_at"] for one in steps)
    assert steps[2]["note"] == "班组没有排班。"
    told = await feedback.said(*(f"feedback.{word}" for word in TOLD))
    assert [row.type for row in told] == [f"feedback.{word}" for word in TOLD]
    assert [row.sequence for row in told] == [1, 2, 3, 4, 5]
    again = await desk.agent.post(f"/api/v1/feedback/{item['id']}/analyze", {})
    assert again.json()["allowed"] == ["amend"]


TOLD = ("received", "classified", "replied", "resulted", "closed")


@pytest.mark.feature("F-08")
async def test_after_classification_somebody_owns_it_and_nobody_else_sees_it(
    feedback: Feedback, desk: Desk
) -> None:
    item = await desk.take()
    assert item["owner_id"] == str(desk.supervisor.id)
    stranger = await feedback.people.staff(Role.AGENT, units=[await feedback.people.unit()])
    duty = {
        "category_id": str(desk.categories["attitude"]),
        "org_unit_id": str(desk.team),
        "responsible_id": str(stranger.id),
    }
    path = f"/api/v1/feedback/{item['id']}"
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"{path}/analyze", {})).status_code == 404
    assert (await desk.manager.post("/api/v1/duties", duty)).status_code == 201

    classified = await desk.classify(item["id"])
    assert classified["owner_id"] == str(stranger.id)
    assert (await stranger.get(path)).status_code == 200
    refused = await desk.agent.post(f"{path}/assign", {"owner_id": str(desk.agent.id)})
    assert refused.status_code == 403
    for _again in range(2):
        given = await desk.supervisor.post(f"{path}/assign", {"owner_id": str(desk.agent.id)})
        assert given.json()["owner_id"] == str(desk.agent.id)
    unknown = await desk.supervisor.post(f"{path}/assign", {"owner_id": str(new_id())})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_staff")


async def test_what_nobody_can_own_is_not_classified(feedback: Feedback, desk: Desk) -> None:
    item = await desk.take()
    async with feedback.database.transaction() as session:
        await session.execute(update(items).values(owner_id=None))
    gone = (desk.supervisor.id, ("supervisor",)), (desk.manager.id, ("manager",))
    for staff_id, roles in gone:
        left = StaffChanged(staff_id=staff_id, roles=roles, org_unit_ids=(), active=False)
        await feedback.hear(message(left, staff_id, sequence=2))

    body = {"category_id": str(desk.categories["attitude"]), "sentiment": "negative"}
    refused = await desk.agent.post(f"/api/v1/feedback/{item['id']}/classify", body)

    assert (refused.status_code, refused.json()["code"]) == (409, "no_owner")
    assert (await desk.shown(item["id"]))["state"] == "received"


@pytest.mark.feature("F-05")
async def test_each_clock_that_runs_out_is_told_once_whoever_notices_it_first(
    feedback: Feedback, desk: Desk
) -> None:
    item = await desk.take()
    assert item["importance"] == "important"
    received, response = item["received_at"], item["response"]["due_at"]
    assert moment(response) - moment(received) == timedelta(hours=24)
    assert moment(item["result"]["due_at"]) - moment(received) == timedelta(hours=48)
    assert await feedback.sweep("feedback_overdue", now=moment(response)) == 0

    late = moment(response) + timedelta(seconds=1)
    await asyncio.gather(*(feedback.sweep("feedback_overdue", now=late) for _ in range(3)))
    (told,) = await feedback.said("feedback.overdue")
    assert (told.data["clock"], told.data["due_at"]) == ("response", response)
    (notice,) = letters(await feedback.said("notification.staff_request"))
    assert (notice["staff_id"], notice["template"]) == (str(desk.supervisor.id), "feedback_overdue")
    assert notice["parameters"]["clock"] == "response"

    await age(feedback, timedelta(hours=49))
    await desk.classify(item["id"])
    first = await desk.does(item["id"], "result", {"text": "查明原因。"})
    again = await desk.does(item["id"], "result", {"text": "已派人。"})
    assert first["result"]["overdue"] is True
    assert again["result"]["stopped_at"] == first["result"]["stopped_at"]
    assert await feedback.sweep("feedback_overdue") == 0
    told = await feedback.said("feedback.overdue")
    assert [row.data["clock"] for row in told] == ["response", "result"]
    assert len(await feedback.said("feedback.resulted")) == 1
    listed = (await desk.agent.get("/api/v1/feedback?overdue=true")).json()["data"]
    assert [one["id"] for one in listed] == [item["id"]]


async def test_an_answer_in_time_stops_the_response_clock_for_ever(
    feedback: Feedback, desk: Desk
) -> None:
    item = await desk.take()
    for text in ("收到，马上核实。", "已核实。"):
        await desk.does(item["id"], "replies", {"text": text, "channel": "phone"})
    shown = await desk.shown(item["id"])
    assert shown["state"] == "received"
    assert shown["response"]["overdue"] is False
    assert [row.data["first"] for row in await feedback.said("feedback.replied")] == [True, False]
    later = moment(item["response"]["due_at"]) + timedelta(hours=1)
    assert await feedback.sweep("feedback_overdue", now=later) == 0


@pytest.mark.feature("F-06")
async def test_importance_follows_the_rules_until_a_person_speaks_with_a_reason(
    feedback: Feedback, desk: Desk
) -> None:
    customer = new_id()
    item = await desk.take(kind="suggestion", customer_id=str(customer), text="建议开夜间窗口。")
    assert item["importance"] == "normal"
    for _twice in range(2):
        await feedback.hear(graded(customer, "high_value"))
    path = f"/api/v1/feedback/{item['id']}"
    weighed = await desk.shown(item["id"])
    assert (weighed["importance"], weighed["importance_reasons"]) == ("important", ["key_account"])
    assert weighed["response"]["due_at"] < item["response"]["due_at"]
    assert len(await feedback.said("feedback.classified")) == 1

    unreasoned = await desk.agent.post(f"{path}/weigh", {"importance": "normal"})
    assert unreasoned.status_code == 422
    body = {"importance": "normal", "reason": "打13800138000问过，不急。"}
    assert (await desk.agent.post(f"{path}/weigh", body)).json()["importance"] == "normal"
    await feedback.hear(graded(customer, "standard", 2), graded(customer, "high_value", 3))
    assert (await desk.shown(item["id"]))["importance"] == "normal"
    reasons = [one["reason"] for one in (await desk.shown(item["id"], "/versions"))["data"]]
    assert reasons == [None, None, "打138****8000问过，不急。"]


async def test_new_words_of_danger_make_feedback_important(desk: Desk) -> None:
    item = await desk.take(kind="question", text="师傅几点来？")
    change = {"text": "师傅几点来？厨房有燃气味。", "reason": "客户补充。", "version": 1}
    amended = await desk.agent.post(f"/api/v1/feedback/{item['id']}/update", change)
    assert (amended.json()["safety"], amended.json()["importance"]) == (True, "important")
    assert amended.json()["importance_reasons"] == ["safety"]


async def test_a_rule_that_is_switched_off_counts_no_more(desk: Desk) -> None:
    path = "/api/v1/feedback/importance/rules"
    refused = await desk.agent.post(f"{path}/complaint/switch", {"active": False})
    assert refused.status_code == 403
    for _twice in range(2):
        off = await desk.manager.post(f"{path}/complaint/switch", {"active": False})
        assert off.json() == {"rule": "complaint", "active": False}
    rules = {one["rule"]: one["active"] for one in (await desk.agent.get(path)).json()["data"]}
    assert [rule for rule, active in rules.items() if not active] == ["complaint"]
    async with desk.feedback.database.transaction() as session:
        lines = list(await session.scalars(select(audit_entries.c.detail).order_by("id")))
    assert [line.get("changes") for line in lines] == [{"active": [True, False]}, None]
    assert (await desk.take())["importance"] == "normal"


@pytest.mark.feature("F-09")
async def test_feedback_stays_followed_up_until_it_is_proven_to_be_settled(
    feedback: Feedback, desk: Desk
) -> None:
    ticket, customer = new_id(), new_id()
    item = await desk.take(ticket_id=str(ticket), customer_id=str(customer))
    await desk.replied(item["id"])
    await desk.does(item["id"], "follow-up", {})
    close = f"/api/v1/feedback/{item['id']}/close"

    refused = await desk.agent.post(close)
    assert (refused.status_code, refused.json()["code"]) == (409, "closing_incomplete")
    assert refused.json()["missing"] == ["result", "verified"]
    await desk.does(item["id"], "result", {"text": "已换人。"})
    said = survey(desk, ticket_id=ticket, customer_id=customer, satisfaction=3)
    await feedback.hear(completed(said))
    assert (await desk.agent.post(close)).json()["missing"] == ["verified"]
    assert (await desk.shown(item["id"]))["state"] == "following_up"

    answers = await asyncio.gather(*(desk.agent.post(close) for _ in range(2)))
    assert [one.status_code for one in answers] == [409, 409]
    recovery = new_id()
    await feedback.hear(completed(survey(desk, ticket_id=recovery, satisfaction=5)))
    assert (await desk.agent.post(close)).status_code == 409
    await feedback.hear(low_score(ticket))
    await feedback.hear(taken(await case_of(feedback, ticket), ticket, recovery))
    both = await asyncio.gather(*(desk.agent.post(close) for _ in range(2)))
    assert sorted(one.status_code for one in both) == [200, 409]
    (closed,) = await feedback.said("feedback.closed")
    assert closed.data["verification"] == "resurvey"


async def test_the_answer_it_came_from_and_a_withdrawn_one_prove_nothing(
    feedback: Feedback, desk: Desk
) -> None:
    said = survey(desk, satisfaction=4, nps=9)
    await feedback.hear(comment(said, comment="建议周末也上门。"), completed(said))
    (item,) = (await desk.agent.get("/api/v1/feedback")).json()["data"]
    await desk.followed_up(item["id"])
    close = f"/api/v1/feedback/{item['id']}/close"
    assert (await desk.agent.post(close)).json()["missing"] == ["verified"]

    later = survey(desk, ticket_id=said["ticket_id"], satisfaction=5)
    await feedback.hear(withdrawn(later, utcnow() + timedelta(seconds=1)))
    await feedback.hear(completed(later))
    assert (await desk.agent.post(close)).json()["missing"] == ["verified"]
    await desk.does(item["id"], "verify", {})
    await desk.does(item["id"], "resume", {"note": "客户又来电，还是没解决。"})
    assert (await desk.shown(item["id"]))["verification"] is None


@pytest.mark.feature("F-10")
async def test_an_answer_is_stored_sent_once_and_shows_what_became_of_it(
    feedback: Feedback, desk: Desk
) -> None:
    customer = new_id()
    unknown = await desk.take()
    path = f"/api/v1/feedback/{unknown['id']}/replies"
    refused = await desk.agent.post(path, {"text": "您好"})
    assert (refused.status_code, refused.json()["code"]) == (409, "nobody_to_write_to")
    hidden = await desk.agent.post(path, {"text": "您好", "channel": "public_answer"})
    assert (hidden.status_code, hidden.json()["code"]) == (409, "not_public")

    item = await desk.take(customer_id=str(customer), source="website_review", public=True)
    path, key = f"/api/v1/feedback/{item['id']}/replies", str(uuid4())
    twice = [await desk.agent.post(path, {"text": "师傅明天到。"}, key=key) for _ in range(2)]
    assert twice[0].json() == twice[1].json()
    (letter,) = letters(await feedback.said("notification.request"))
    assert (letter["customer_id"], letter["template"]) == (str(customer), "feedback_reply")
    assert letter["parameters"]["reply"] == "师傅明天到。"
    assert letter["reference_id"] == twice[0].json()["id"]
    await desk.does(item["id"], "replies", {"text": "感谢监督。", "channel": "public_answer"})
    assert len(await feedback.said("notification.request")) == 1

    arrived = NotificationDelivered(
        notification_id=letter["notification_id"],
        template="feedback_reply",
        reference_kind="feedback_reply",
        reference_id=letter["reference_id"],
        channel="email",
        delivered_at=utcnow(),
    )
    await feedback.hear(message(arrived, arrived.notification_id))
    shown = (await desk.shown(item["id"], "/replies"))["data"]
    assert [(one["channel"], one["delivery"], one["delivered_by"]) for one in shown] == [
        ("notice", "delivered", "email"),
        ("public_answer", "by_hand", None),
    ]


async def test_an_answer_that_reaches_nobody_says_why(feedback: Feedback, desk: Desk) -> None:
    item = await desk.take(customer_id=str(new_id()))
    await desk.does(item["id"], "replies", {"text": "您好"})
    (letter,) = letters(await feedback.said("notification.request"))
    failed = NotificationFailed(
        notification_id=letter["notification_id"],
        template="feedback_reply",
        reference_kind="feedback_reply",
        reference_id=letter["reference_id"],
        reason="no_contact",
        failed_at=utcnow(),
    )
    await feedback.hear(message(failed, failed.notification_id))
    (shown,) = (await desk.shown(item["id"], "/replies"))["data"]
    assert (shown["delivery"], shown["failed_because"]) == ("failed", "no_contact")


async def test_about_what_is_not_live_nobody_is_written_to(feedback: Feedback, desk: Desk) -> None:
    said = survey(desk, completed_at=utcnow() - timedelta(days=30), satisfaction=1, low=True)
    await feedback.hear(comment(said, origin="demo", comment="太慢了"))
    (item,) = (await desk.agent.get("/api/v1/feedback")).json()["data"]
    reply = await desk.does(item["id"], "replies", {"text": "您好"})
    assert (reply["delivery"], reply["failed_because"]) == ("failed", "not_live")
    assert await feedback.sweep("feedback_overdue") == 0  # who answers late has told of it
    overdue = await feedback.said("feedback.overdue")
    assert [(row.data["clock"], row.origin) for row in overdue] == [
        ("response", "demo"),
        ("result", "demo"),
    ]
    assert await feedback.said("notification.request", "notification.staff_request") == []


@pytest.mark.feature("F-01")
async def test_every_source_belongs_to_a_group_and_its_record_is_taken_once(desk: Desk) -> None:
    groups = {
        "online": ["website_review", "social_media_comment", "online_service", "ecommerce_rating"],
        "offline": ["store_visit", "phone_call", "onsite_talk"],
        "internal": ["employee_feedback", "management_opinion", "process_suggestion"],
    }
    for source in (source for sources in groups.values() for source in sources):
        await desk.take(source=source)
    for group, sources in groups.items():
        listed = await desk.agent.get(f"/api/v1/feedback?source_group={group}")
        assert {one["source"] for one in listed.json()["data"]} == set(sources)
    # a record with the number of an answer would keep the customer's own words out
    for wrong in ("rumour", "survey_answer"):
        unknown = await desk.agent.post("/api/v1/feedback", complaint(desk) | {"source": wrong})
        assert unknown.status_code == 422

    body = complaint(desk) | {"source": "ecommerce_rating", "source_ref": "TM-1"}
    answers = await asyncio.gather(*(desk.agent.post("/api/v1/feedback", body) for _ in range(4)))
    (first,) = [one for one in answers if one.status_code == 201]
    refused = [one.json() for one in answers if one.status_code == 409]
    assert [(one["code"], one["item_id"]) for one in refused] == [
        ("feedback_taken", first.json()["id"])
    ] * 3


async def test_the_words_as_written_are_sealed_and_read_with_a_reason_only(
    feedback: Feedback, desk: Desk
) -> None:
    item = await desk.take()
    assert item["text"] == "师傅态度很差，打138****8000联系我。"
    path = f"/api/v1/feedback/{item['id']}/original"
    assert (await desk.agent.get(path)).status_code == 422
    auditor = await feedback.people.staff(Role.AUDITOR)
    assert (await auditor.get(f"{path}?reason=quality_check")).status_code == 403
    read = await desk.agent.get(f"{path}?reason=answer_customer")
    assert read.json()["text"] == complaint(desk)["text"]

    async with feedback.database.transaction() as session:
        noted = (
            await session.execute(
                select(audit_entries).where(audit_entries.c.action == "feedback.original_read")
            )
        ).all()
        sealed = await session.scalar(select(item_originals.c.text_sealed))
    assert [(row.actor_id, row.detail["reason"]) for row in noted] == [
        (desk.agent.id, "answer_customer")
    ]
    assert sealed is not None
    assert "13800138000" not in sealed


def moment(text: str) -> datetime:
    """Return an instant of an answer."""
    return datetime.fromisoformat(text)


async def age(feedback: Feedback, by: timedelta) -> None:
    """Let time pass for every item."""
    async with feedback.database.transaction() as session:
        await session.execute(
            update(items).values(
                received_at=items.c.received_at - by,
                response_due_at=items.c.response_due_at - by,
                result_due_at=items.c.result_due_at - by,
            )
        )
