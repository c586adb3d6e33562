"""What surveys say becomes feedback once; records keep every version; the archive finds them."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.feedback.items.tables import items
from shared.auth.actor import Role
from shared.bus.interface import Message
from shared.clock import utcnow
from shared.ids import new_id
from shared.privacy.tombstones import ERASED_TEXT
from tests.feedback.conftest import Feedback
from tests.feedback.voices import (
    Desk,
    comment,
    completed,
    graded,
    open_desk,
    survey,
    withdrawn,
)


@pytest.fixture
async def desk(feedback: Feedback) -> Desk:
    return await open_desk(feedback)


async def rows(feedback: Feedback) -> list[Any]:
    """Return the items in the order of their sources' numbers."""
    async with feedback.database.transaction() as session:
        return list(await session.execute(select(items).order_by(items.c.source_ref)))


async def test_each_text_of_a_survey_is_one_item_and_a_low_recommendation_too(
    feedback: Feedback, desk: Desk
) -> None:
    said = survey(desk, satisfaction=3, nps=6)
    letter = comment(said, comment="我叫欧阳文斌，客服态度不好。", wish="周末也上门")
    answer = completed(said)
    await asyncio.gather(feedback.hear(letter, answer), feedback.hear(letter, answer))
    low = survey(desk, satisfaction=1, nps=0, low=True)
    content = survey(desk, nps=7)
    await feedback.hear(completed(low), completed(content))
    await feedback.hear(comment(survey(), origin="import", comment="旧数据"))

    response = said["response_id"]
    found = await rows(feedback)
    assert [row.source_ref for row in found] == [
        f"{response}:comment",
        f"{response}:nps",
        f"{response}:wish",
    ]
    words, score, _wish = found
    assert words.text_masked == "我叫欧**，客服态度不好。"
    assert (words.kind, words.mode, words.sentiment) == ("opinion", "solicited", "negative")
    assert (score.kind, score.text_masked, score.nps) == ("review", None, 6)
    assert {row.received_at for row in found} == {said["completed_at"]}
    assert len(await feedback.said("feedback.received")) == 3


CUSTOMER = new_id()
SAID = survey(customer_id=CUSTOMER, nps=2, satisfaction=3)
HEARD = (
    comment(SAID, comment="太慢了"),
    completed(SAID),
    graded(CUSTOMER, "standard", 1),
    graded(CUSTOMER, "high_value", 2),
)


async def test_who_takes_his_answer_back_takes_his_words_along(
    feedback: Feedback, desk: Desk
) -> None:
    said, late, other = survey(desk), survey(desk), survey(desk)
    await feedback.hear(comment(said, comment="师傅乱收费。"), comment(other, comment="等太久。"))
    listed = (await desk.agent.get("/api/v1/feedback")).json()["data"]
    path = next(f"/api/v1/feedback/{one['id']}" for one in listed if "乱收费" in one["text"])

    taken_back = [withdrawn(one, utcnow()) for one in (said, late)]
    await asyncio.gather(*(feedback.hear(*taken_back) for _ in range(3)))
    await feedback.hear(comment(late, comment="白跑一趟。"))

    assert (await desk.agent.get(f"{path}/original?reason=quality_check")).status_code == 404
    texts = [row.text_masked for row in await rows(feedback)]
    assert sorted(texts) == sorted([ERASED_TEXT, "等太久。"])


@given(heard=st.permutations(HEARD * 2), cut=st.integers(0, 8))
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
async def test_whatever_is_heard_first_the_same_feedback_is_there_with_the_same_weight(
    feedback: Feedback, heard: list[Message], cut: int
) -> None:
    async with feedback.database.transaction() as session:
        await session.execute(text("TRUNCATE items, customer_grades, resurveys, inbox CASCADE"))
    await feedback.hear(*heard[:cut])
    await feedback.hear(*heard[cut:])
    assert [
        (row.source_ref.partition(":")[2], row.importance, list(row.importance_reasons))
        for row in await rows(feedback)
    ] == [("comment", "important", ["key_account"]), ("nps", "important", ["key_account"])]


async def test_a_grade_and_a_comment_that_are_heard_at_once_miss_each_other_never(
    feedback: Feedback,
) -> None:
    for _turn in range(8):
        customer = new_id()
        said = survey(customer_id=customer)
        await asyncio.gather(
            feedback.hear(comment(said, comment="还行")),
            feedback.hear(graded(customer, "high_value")),
        )
    assert [row.importance for row in await rows(feedback)] == ["important"] * 8


@pytest.mark.feature("F-07")
@pytest.mark.feature("F-17")
async def test_a_proposal_is_there_at_once_a_person_decides_and_its_accuracy_is_measured(
    feedback: Feedback, desk: Desk
) -> None:
    for wrong in (False, False, True):
        item = await desk.take(text="师傅态度敷衍，不耐烦。")
        proposed = await desk.shown(item["id"], "/proposal")
        assert (proposed["category"], proposed["sentiment"]) == ("attitude", "negative")
        assert proposed["matched"] == ["不耐烦", "态度", "敷衍"]
        said = {"category_id": str(desk.categories["billing"])} if wrong else {}
        await desk.classify(item["id"], **said)
    mute = await desk.take(text="今天来过。")
    await desk.classify(mute["id"])
    await desk.classify(mute["id"], sentiment="neutral")

    path = "/api/v1/feedback/classifier/accuracy"
    accuracy = {one["target"]: one for one in (await desk.agent.get(path)).json()["data"]}
    category = accuracy["category"]
    assert (category["n"], category["correct"], category["abstained"]) == (3, 2, 1)
    assert category["rate"] == pytest.approx(2 / 3)
    # Wilson's interval of 2 of 3, worked out by hand from his formula
    assert category["interval"]["low"] == pytest.approx(0.2077, abs=1e-4)
    assert category["interval"]["high"] == pytest.approx(0.9385, abs=1e-4)
    assert (accuracy["sentiment"]["n"], accuracy["sentiment"]["correct"]) == (3, 3)
    assert accuracy["department"]["rate"] is None
    unknown = {"category_id": str(new_id()), "sentiment": "negative"}
    refused = await desk.agent.post(f"/api/v1/feedback/{mute['id']}/classify", unknown)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_category")


async def test_words_are_changed_while_it_runs_and_one_word_says_one_thing(desk: Desk) -> None:
    path = "/api/v1/feedback/classifier/keywords"
    body = {"target": "department", "value": str(desk.branch), "words": ["城东营业厅"]}
    assert (await desk.agent.post(path, body)).status_code == 403
    added = [await desk.manager.post(path, body) for _ in range(2)]
    assert added[0].json()["data"] == added[1].json()["data"]
    other = await desk.manager.post(path, body | {"value": str(desk.team)})
    assert (other.status_code, other.json()["code"]) == (409, "keyword_taken")
    nothing = await desk.manager.post(path, body | {"target": "category", "value": "no_such"})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "unknown_value")

    item = await desk.take(text="城东营业厅排队两小时")
    proposed = await desk.shown(item["id"], "/proposal")
    assert (proposed["department"], proposed["category"]) == (str(desk.branch), "queue_environment")
    word = added[0].json()["data"][0]["id"]
    for _again in range(2):
        assert (await desk.manager.post(f"{path}/{word}/end")).status_code == 204
    item = await desk.take(text="城东营业厅排队两小时")
    assert (await desk.shown(item["id"], "/proposal"))["department"] is None
    assert (await desk.manager.post(f"{path}/{new_id()}/end")).status_code == 404


@pytest.mark.feature("F-13")
async def test_a_correction_is_a_new_version_and_the_former_ones_stay_as_they_were(
    desk: Desk,
) -> None:
    item = await desk.take(kind="opinion", text="等了三天。")
    path = f"/api/v1/feedback/{item['id']}"
    before = (await desk.shown(item["id"], "/versions"))["data"]
    change = {"text": "等了三天，打13800138000才有人来。", "reason": "客户补充说明。"}
    assert (await desk.agent.post(f"{path}/update", change)).status_code == 428
    assert (await desk.agent.post(f"{path}/update", change | {"version": 9})).status_code == 412
    no_reason = await desk.agent.post(f"{path}/update", {"text": "x", "version": 1})
    assert no_reason.status_code == 422

    both = await asyncio.gather(
        *(desk.agent.post(f"{path}/update", change | {"version": 1}) for _ in range(2))
    )
    assert sorted(one.status_code for one in both) == [200, 412]
    kind = {"kind": "complaint", "reason": "回访确认是投诉。", "version": 2}
    amended = (await desk.agent.post(f"{path}/update", kind)).json()
    assert (amended["importance"], amended["revision"]) == ("important", 3)
    same = await desk.agent.post(f"{path}/update", kind | {"version": 3})
    assert same.json()["revision"] == 3

    digit = {"text": change["text"].replace("13800138000", "13800238000"), "reason": "号码有误。"}
    corrected = await desk.agent.post(f"{path}/update", digit | {"version": 3})
    assert corrected.json()["text"] == amended["text"]

    versions = (await desk.shown(item["id"], "/versions"))["data"]
    assert versions[:1] == before
    assert [(one["number"], one["text"], one["record"]["kind"]) for one in versions] == [
        (1, "等了三天。", "opinion"),
        (2, "等了三天，打138****8000才有人来。", "opinion"),
        (3, "等了三天，打138****8000才有人来。", "complaint"),
        (4, "等了三天，打138****8000才有人来。", "complaint"),
    ]
    reasons = [one["reason"] for one in versions[1:]]
    assert reasons == [change["reason"], kind["reason"], digit["reason"]]
    assert {one["author_id"] for one in versions} == {str(desk.agent.id)}
    original = await desk.agent.get(f"{path}/original?reason=clarify_case")
    assert original.json() == {"number": 4, "text": digit["text"]}


@pytest.mark.feature("F-12")
async def test_what_is_closed_is_filed_found_and_never_deleted(
    feedback: Feedback, desk: Desk
) -> None:
    taken = [
        await desk.take(text=words, channel=channel)
        for words, channel in (
            ("退款三天没有到账", "phone"),
            ("Refund took THREE weeks", "web"),
            ("三天没有人来退款", "web"),
        )
    ]
    path = "/api/v1/feedback/archive"
    for item in taken:
        await desk.followed_up(item["id"])
        await desk.does(item["id"], "verify", {})
    assert (await desk.agent.get(f"{path}/items")).json()["data"] == []
    closes = [f"/api/v1/feedback/{item['id']}/close" for item in taken]
    await asyncio.gather(*(desk.agent.post(close) for close in closes * 2))

    year = utcnow().year
    shown = [await desk.shown(item["id"]) for item in taken]
    assert sorted(one["archive_no"] for one in shown) == [f"F{year}-{n:06}" for n in (1, 2, 3)]
    assert {one["kept_until"][:4] for one in shown} == {str(year + 3)}

    async def found(**asked: str) -> set[str]:
        answer = await desk.agent.get(f"{path}/items", params=asked)
        return {one["text"] for one in answer.json()["data"]}

    assert await found(words="退款") == {"退款三天没有到账", "三天没有人来退款"}
    assert await found(words="三天没有 退款", channel="phone") == {"退款三天没有到账"}
    assert await found(words="没有到账") == {"退款三天没有到账"}
    assert await found(words="three") == {"Refund took THREE weeks"}
    assert await found(words="账到") == set()
    assert await found(archive_no=shown[1]["archive_no"]) == {shown[1]["text"]}
    short = await desk.agent.get(f"{path}/items?words=款")
    assert (short.status_code, short.json()["code"]) == (422, "word_too_short")
    folders = (await desk.agent.get(f"{path}/folders?order=channel")).json()["data"]
    assert [(one["key"], one["n"]) for one in folders] == [("web", 2), ("phone", 1)]
    (month,) = (await desk.agent.get(f"{path}/folders")).json()["data"]
    assert len(await found(period=month["key"])) == 3
    stranger = await feedback.people.staff(Role.AGENT, units=[await feedback.people.unit()])
    assert (await stranger.get(f"{path}/items")).json()["data"] == []

    deleted = await desk.agent.client.delete(f"/api/v1/feedback/{taken[0]['id']}")
    assert deleted.status_code == 405
    with pytest.raises(DBAPIError, match="feedback is never deleted"):
        async with feedback.database.transaction() as session:
            await session.execute(text("DELETE FROM items"))


async def test_the_list_goes_on_where_it_stopped_and_takes_every_filter(desk: Desk) -> None:
    taken = [await desk.take(source=source) for source in ("store_visit", "website_review") * 2]
    path, seen = "/api/v1/feedback?limit=3&importance=important", []
    while path:
        answer = await desk.agent.get(path)
        seen += [one["id"] for one in answer.json()["data"]]
        path = answer.links.get("next", {}).get("url", "")
    assert seen == [one["id"] for one in reversed(taken)]
    online = (await desk.agent.get("/api/v1/feedback?source_group=online")).json()["data"]
    assert {one["source"] for one in online} == {"website_review"}
    assert (await desk.agent.get("/api/v1/feedback?state=nowhere")).status_code == 422
