"""Figures by what tickets are about: trees of categories, many groups, limits by priority."""

from datetime import UTC, datetime
from random import Random
from uuid import UUID

import pytest

from tests.reporting.conftest import Desk
from tests.reporting.lives import CATEGORIES, Life
from tests.reporting.recount import lives, top
from tests.reporting.spoken import message, spoken
from tests.reporting.test_first_contact import created

TOP, OTHER, BELOW, _ = CATEGORIES
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
async def told(desk: Desk) -> list[Life]:
    lived = lives(Random(71), 80, 80)
    await desk.hear(spoken(lived), at_once=100)
    await desk.fold()
    return [life for life in lived if life.dims["kind"] != "recovery"]


async def test_a_categorys_figure_includes_those_below_it(desk: Desk, told: list[Life]) -> None:
    found = await desk.figures(desk.manager, "ticket_count", by="category_id")
    groups = {group["group"]: group["n"] for group in found["groups"]}
    among = [life.dims["category_id"] for life in told]
    assert groups == {
        str(TOP): sum(top(life) == TOP for life in told),
        str(BELOW): among.count(BELOW),
        str(OTHER): among.count(OTHER),
        None: among.count(None),
    }
    inside = await desk.figures(desk.manager, "ticket_count", category_id=str(TOP))
    assert inside["figure"]["n"] == groups[str(TOP)] > groups[str(BELOW)] > 0
    below = {"category_id": str(BELOW), "by": "category_id"}
    narrow = await desk.figures(desk.manager, "ticket_count", **below)
    assert [group["group"] for group in narrow["groups"]] == [str(BELOW)]


async def test_every_metric_divides_by_every_dimension_into_its_whole(
    desk: Desk, told: list[Life]
) -> None:
    assert told
    for code in ("ticket_count", "backlog", "closing_time", "within_deadline_rate", "srr", "fcr"):
        for by in ("channel", "priority", "kind", "tier"):
            found = await desk.figures(desk.manager, code, by=by)
            assert sum(group["n"] for group in found["groups"]) == found["figure"]["n"] > 0, code
            hits = [group["hits"] for group in found["groups"]]
            assert found["figure"]["hits"] in {None, sum(hit or 0 for hit in hits)}, code
    by_priority = await desk.figures(desk.manager, "closing_time", by="priority")
    for group in by_priority["groups"]:
        spent = sorted(
            int((life.cycles[-1].closed - life.created).total_seconds())
            for life in told
            if life.cycles[-1].closed and life.dims["priority"] == group["group"]
        )
        at_least = [value for value in spent if 100 * (spent.index(value) + 1) >= 95 * len(spent)]
        assert group["p95"]["value"] == at_least[0]


async def test_more_groups_than_fit_a_page_come_whole(desk: Desk) -> None:
    many = [created(n, NOW, category_id=str(UUID(int=9_000 + n))) for n in range(150)]
    await desk.hear([message(event) for event in many], at_once=50)
    await desk.fold()
    found = await desk.figures(desk.manager, "ticket_count", by="category_id")
    assert len(found["groups"]) == 150
    assert {group["n"] for group in found["groups"]} == {1}


async def test_an_answer_counts_as_it_was_last_restated_and_not_at_all_when_taken_back(
    desk: Desk,
) -> None:
    life = Life(Random(5), 1)
    life.dims = {"kind": "complaint", "channel": "phone", "category_id": None}
    life.dims |= {"org_unit_id": None, "priority": "p1", "tier": "l1"}
    life.cycles = []
    id = str(UUID(int=77))
    named = {"invitation_id": id, "closed_at": life.now.isoformat(), "response_id": id}
    about = {"reference_kind": "survey_invitation", "reference_id": id, "notification_id": id}
    life.say("survey.invited", subject=named, questionnaire="c5", invited_at=life.now)
    sent = {"template": "survey_invitation", "channel": "email", "delivered_at": life.now}
    life.say("notification.delivered", subject=about, **sent)
    given = {"solved": True, "low": False, "after_reopen": False, "completed_at": life.now}
    life.say(
        "survey.completed", subject=named | {"questionnaire": "c5"}, satisfaction=1, nps=0, **given
    )
    for score, withdrawn in ((2, False), (5, False), (5, True)):
        life.pass_time()
        why = {"reason": "entered_wrongly", "withdrawn": withdrawn, "restated_at": life.now}
        said = {"satisfaction": score, "nps": 9, "solved": True, "low": False}
        life.say("survey.response_restated", subject=named, **said, **why)
    *known, second, taken_back = life.events
    early = known.pop()
    shown = []
    for events in ([second, *known], [early], [second], [taken_back]):  # the newest comes first
        await desk.hear([message(event) for event in events])
        await desk.fold()
        codes = ("csat_score", "nps", "complaint_satisfaction_rate", "survey_response_rate")
        figures = [(await desk.figures(desk.manager, code))["figure"] for code in codes]
        shown.append([(figure["n"], figure["value"]) for figure in figures])
    assert shown[0] == shown[1] == shown[2] == [(1, 100), (1, 100), (1, 100), (1, 100)]
    assert shown[3] == [(0, None), (0, None), (0, None), (1, 0)]
    period = {"from": "2025-10-01", "to": "2026-06-30"}
    books = await desk.manager.client.get("/api/v1/books", params=period)
    assert books.json()["completed"] == 1  # the invitation was answered all the same
