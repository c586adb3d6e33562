"""Figures over HTTP: whose they are, what they are made of, what they should reach."""

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from services.reporting.facts.rules import LoggedEvent
from services.reporting.figures.registry import METRICS
from shared.auth.actor import Role
from tests.reporting.conftest import OTHER_TEAM, TEAM, ZONE, Desk
from tests.reporting.lives import Life
from tests.reporting.recount import lives, recount, team_of
from tests.reporting.spoken import message, spoken
from tests.support.people import Person

WHEN = {"from": "2025-10-01", "to": "2026-06-30"}


def everything(_at: object, _team: UUID | None) -> bool:
    return True


def of_the_team(_at: object, team: UUID | None) -> bool:
    return team == TEAM


@pytest.fixture
async def told(desk: Desk) -> list[Life]:
    lived = lives(Random(31), 60, 60)
    await desk.hear(spoken(lived), at_once=100)
    await desk.fold()
    return lived


async def test_a_supervisor_sees_the_figures_of_his_own_units_only(
    desk: Desk, told: list[Life]
) -> None:
    for code, (value, n) in recount(told, of_the_team).items():
        found = (await desk.figures(desk.supervisor, code))["figure"]
        assert (found["n"], found["value"]) == (n, pytest.approx(value)), code
        foreign = (await desk.figures(desk.stranger, code, org_unit_id=str(TEAM)))["figure"]
        assert (foreign["n"], foreign["value"]) in {(0, None), (0, 0)}, code
        assert foreign["open_n"] in {None, 0}
    by_unit = await desk.figures(desk.stranger, "complaint_count", by="org_unit_id")
    assert {group["group"] for group in by_unit["groups"]} == {str(OTHER_TEAM)}
    query = {"metric": "complaint_count", "org_unit_id": str(TEAM)} | WHEN
    rows = await desk.stranger.client.get("/api/v1/figures/explain", params=query)
    assert rows.json()["data"] == []
    books = await desk.stranger.client.get(
        "/api/v1/books", params={"org_unit_id": str(TEAM)} | WHEN
    )
    assert (books.json()["closed"], books.json()["invited"]) == (0, 0)


async def test_a_units_figure_includes_those_below_it(desk: Desk, told: list[Life]) -> None:
    found = await desk.figures(desk.manager, "complaint_count", by="org_unit_id")
    groups = {group["group"]: group["n"] for group in found["groups"]}
    filed = [life for life in told if life.dims["kind"] == "complaint"]
    by_team = {team: sum(team_of(life) == team for life in filed) for team in (TEAM, OTHER_TEAM)}
    assert groups[str(TEAM)] == by_team[TEAM]
    assert groups[str(UUID(int=1))] == sum(by_team.values())
    assert found["figure"]["n"] == len(filed)
    company = await desk.figures(desk.manager, "complaint_count", org_unit_id=str(UUID(int=1)))
    assert company["figure"]["n"] == sum(by_team.values())


async def all_rows(person: Person, **asked: Any) -> list[dict[str, Any]]:
    found, cursor = [], None
    while True:
        query = asked | WHEN | {"limit": 7} | ({"cursor": cursor} if cursor else {})
        page = (await person.client.get("/api/v1/figures/explain", params=query)).json()
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_the_rows_behind_a_figure_are_as_many_as_its_n(desk: Desk, told: list[Life]) -> None:
    for code in METRICS:
        shown = (await desk.figures(desk.supervisor, code))["figure"]
        rows, again = await asyncio.gather(
            all_rows(desk.supervisor, metric=code), all_rows(desk.supervisor, metric=code)
        )
        assert len(rows) == len({row["id"] for row in rows}) == shown["n"], code
        assert rows == again
        assert {row["org_unit_id"] for row in rows} <= {str(TEAM)}
    created = await all_rows(desk.manager, metric="complaint_rate")  # several on one day
    assert len(created) == sum(life.dims["kind"] != "recovery" for life in told)
    refused = await desk.manager.get("/api/v1/figures/explain?metric=happiness")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_metric")


@pytest.mark.feature("R-22")
async def test_a_series_has_every_piece_of_time_and_what_was_before(
    desk: Desk, told: list[Life]
) -> None:
    created = [life.created.astimezone(ZONE) for life in told if life.dims["kind"] == "complaint"]
    for by, pieces in (("day", 273), ("week", 40), ("month", 9), ("quarter", 3), ("year", 2)):
        first, again = await asyncio.gather(
            *(desk.figures(desk.manager, "complaint_count", by=by) for _ in range(2))
        )
        assert first["groups"] == again["groups"]
        assert len(first["groups"]) == pieces, by
        for group in first["groups"]:
            within = [d for d in created if group["first"] <= d.date().isoformat() <= group["last"]]
            assert group["n"] == len(within), group
    november = {"from": "2025-11-01", "to": "2025-11-30"}
    year_later = {"from": "2026-11-01", "to": "2026-11-30"}
    month_later = {"from": "2025-12-01", "to": "2025-12-30"}
    n = (await desk.figures(desk.manager, "complaint_count", **november))["figure"]["n"]
    later = await desk.figures(desk.manager, "complaint_count", **year_later)
    after = await desk.figures(desk.manager, "complaint_count", **month_later)
    november_days = [d for d in created if d.month == 11]
    assert (n, later["year_before"]["n"]) == (len(november_days), len(november_days))
    assert after["previous"]["n"] == len(november_days)
    refused = await desk.manager.get("/api/v1/figures?metric=nps&from=2025-01-02&to=2025-01-01")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_period")


async def test_a_duration_has_its_median_by_team_and_what_still_waits_by_month(
    desk: Desk, told: list[Life]
) -> None:
    found = await desk.figures(desk.manager, "first_response_time", by="org_unit_id")
    medians = {group["group"]: group["median"] for group in found["groups"]}
    for team in (TEAM, OTHER_TEAM):
        spent = sorted(
            max(0, int((life.reply - life.created).total_seconds()))
            for life in told
            if life.reply and team_of(life) == team
        )
        middle = spent[(len(spent) + 1) // 2 - 1]
        assert (medians[str(team)]["value"], medians[str(team)]["exact"]) == (middle, True)
    by_month = await desk.figures(desk.manager, "resolution_time", by="month")
    waiting = [
        life.created.astimezone(ZONE).date().isoformat()
        for life in told
        if not life.cancelled and not (life.cycles[-1].resolved or life.cycles[-1].closed)
    ]
    for group in by_month["groups"]:
        assert group["open_n"] == sum(day <= group["last"] for day in waiting), group
    assert by_month["figure"]["open_n"] == len(waiting)
    late = {"from": "2026-01-01", "by": "month"}  # what began before still waits
    after = await desk.figures(desk.manager, "resolution_time", **late)
    assert {one["open_n"] for one in (after["figure"], *after["groups"])} == {len(waiting)}


@pytest.mark.feature("R-05")
async def test_an_nps_says_how_many_promote_and_detract(desk: Desk, told: list[Life]) -> None:
    given = [s.nps for life in told for s in life.surveys if s.kind != "recovery"]
    known = [answer for answer in given if answer is not None]
    first, again = await asyncio.gather(*(desk.figures(desk.manager, "nps") for _ in range(2)))
    assert first["figure"] == again["figure"]
    figure = first["figure"]
    assert figure["promoters"] == sum(answer >= 9 for answer in known)
    assert figure["passives"] == sum(7 <= answer <= 8 for answer in known)
    assert figure["detractors"] == sum(answer <= 6 for answer in known)
    assert figure["n"] == len(known)
    customer = desk.people.customer()
    assert (await customer.get("/api/v1/figures?metric=nps")).status_code == 403


@pytest.mark.feature("R-04")
async def test_score_and_rate_of_satisfaction_have_targets_of_their_own(
    desk: Desk, told: list[Life]
) -> None:
    points = await desk.figures(desk.manager, "csat_score")
    rate = await desk.figures(desk.manager, "satisfaction_rate")
    counted = recount(told, everything)
    for found, code in ((points, "csat_score"), (rate, "satisfaction_rate")):
        value, _ = counted[code]
        assert value is not None
        assert found["target"]["value"] == 85
        assert found["target"]["distance"] == pytest.approx(value - 85)
        assert found["target"]["state"] == ("met" if value >= 85 else "missed")
    assert (points["unit"], rate["unit"]) == ("points", "percent")
    put = [
        desk.manager.client.put("/api/v1/targets/csat_score", json={"value": value, "version": 1})
        for value in (80, 90)
    ]
    answers = await asyncio.gather(*put)
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    kept = next(answer.json()["value"] for answer in answers if answer.status_code == 200)
    assert (await desk.figures(desk.manager, "csat_score"))["target"]["value"] == kept
    assert (await desk.figures(desk.manager, "satisfaction_rate"))["target"]["value"] == 85


async def test_targets_are_set_by_managers_within_the_scale_and_audited(desk: Desk) -> None:
    path = "/api/v1/targets"
    for person, metric, body, status, code in (
        (desk.supervisor, "nps", {"value": 40, "version": 0}, 403, "not_allowed"),
        (desk.manager, "nps", {"value": 40}, 428, "version_required"),
        (desk.manager, "nps", {"value": 101, "version": 0}, 422, "target_beyond_scale"),
        (desk.manager, "joy", {"value": 1, "version": 0}, 404, "unknown_metric"),
        (desk.manager, "nps", {"value": 40, "version": 3}, 412, "stale_version"),
        (desk.manager, "nps", {"value": "many", "version": 0}, 422, "invalid_request"),
    ):
        answer = await person.client.put(f"{path}/{metric}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    added = await asyncio.gather(
        *(
            desk.manager.client.put(f"{path}/nps", json={"value": 40, "version": 0})
            for _ in range(3)
        )
    )
    assert sorted(answer.status_code for answer in added) == [200, 412, 412]
    listed = {one["metric"]: one["value"] for one in (await desk.manager.get(path)).json()["data"]}
    assert listed["nps"] == 40
    auditor = await desk.people.staff(Role.AUDITOR)
    trail = (await auditor.get("/api/v1/reporting/audit")).json()["data"]
    assert [(line["action"], line["detail"]["metric"], line["changes"]) for line in trail] == [
        ("target.set", "nps", {"value": {"before": None, "after": 40}})
    ]


def closing(life: Life) -> LoggedEvent:
    return next(event for event in life.events if event.type == "ticket.closed")


async def test_the_books_name_the_cycle_that_is_missing(desk: Desk) -> None:
    told = [life for life in lives(Random(32), 60, 60) if life.surveys]
    lost, extra = told[0], told[1]
    invented = ("survey.invited", "survey.suppressed")
    said = [
        event
        for life in told
        for event in life.events
        if not (life is lost and event.type in invented)
        and not (life is extra and event.type == "ticket.closed")
    ]
    await desk.hear([message(event) for event in said], at_once=100)
    await desk.fold()
    books = (await desk.manager.client.get("/api/v1/books", params=WHEN)).json()
    surveys = [survey for life in told for survey in life.surveys]
    assert books["closed"] == len(surveys) - len(extra.surveys)
    assert books["invited"] + books["suppressed"] == len(surveys) - len(lost.surveys)
    assert not books["balanced"]
    named = {(one["ticket_id"], one["problem"]) for one in books["differences"]}
    assert named == {
        (str(UUID(int=1_000 + lost.number)), "unaccounted"),
        (str(UUID(int=1_000 + extra.number)), "never_closed"),
    }
    await desk.hear(spoken(told), at_once=100)
    await desk.fold()
    healed = (await desk.manager.client.get("/api/v1/books", params=WHEN)).json()
    assert healed["balanced"], healed["differences"]
    assert healed["closed"] == len(surveys)
    assert healed["completed"] == sum(s.outcome == "completed" for s in surveys)
    assert healed["suppressed"] == sum(s.suppressed for s in surveys)
    auditor = await desk.people.staff(Role.AUDITOR)
    assert (await auditor.get("/api/v1/books")).status_code == 403


async def test_a_limit_counts_from_the_second_at_which_it_falls_due(desk: Desk) -> None:
    now = datetime.now(UTC)
    life = Life(Random(1), 1, now=now - timedelta(minutes=30, seconds=5))
    life.dims = {
        "kind": "complaint",
        "channel": "phone",
        "category_id": None,
        "org_unit_id": TEAM,
        "priority": "p1",
        "tier": "l1",
    }
    for number, late in ((1, 5), (2, -300)):
        life.number, life.now = number, now - timedelta(minutes=30, seconds=late)
        life.say(
            "ticket.created",
            created_at=life.now,
            first_response_due_at=life.now + timedelta(minutes=30),
            resolution_due_at=life.now + timedelta(hours=48),
        )
    await desk.hear([message(event) for event in life.events])
    await desk.fold()
    answer = (await desk.manager.get("/api/v1/figures?metric=srr")).json()
    assert (answer["figure"]["n"], answer["figure"]["hits"]) == (1, 0)
    assert answer["figure"]["state"] == "provisional"


async def test_metrics_and_freshness_are_told(desk: Desk, told: list[Life]) -> None:
    listed = (await desk.supervisor.get("/api/v1/metrics")).json()["data"]
    assert {one["code"] for one in listed} == set(METRICS)
    assert all(one["definition"]["zh"] and one["definition"]["en"] for one in listed)
    before = (await desk.manager.get("/api/v1/figures/freshness")).json()
    newest = max(event.time for life in told for event in life.events)
    assert datetime.fromisoformat(before["last_event_at"]) == newest
    later = Life(Random(2), 500).live()
    await desk.hear(spoken([later]))
    waiting, heard = (await desk.manager.get("/api/v1/figures/freshness")).json(), datetime.now(UTC)
    assert datetime.fromisoformat(waiting["as_of"]) < heard
    assert waiting["position"] == before["position"]


@pytest.mark.parametrize(
    "query",
    [
        "metric=nps&from=9999-12-31&to=9999-12-31&by=week",
        "metric=nps&from=0001-01-01&to=0001-01-02",
        "metric=nps&channel=%00",
        "metric=nps&org_unit_id=nobody",
        "metric=%00",
        "metric=nps&by=mood",
        "",
    ],
)
async def test_a_bad_question_is_refused_with_its_reason(desk: Desk, query: str) -> None:
    answer = await desk.manager.get(f"/api/v1/figures?{query}")
    assert answer.status_code == 422
    assert answer.json()["code"] in {"invalid_period", "invalid_request", "unknown_metric"}
