"""Loop cases and feedback items as figures: whatever the order, and beside everything else."""

import asyncio
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.reporting.facts.tables import open_cases
from services.reporting.figures.period_rules import Period
from services.reporting.rebuild.rebuild import rebuild
from shared.auth.actor import Role
from tests.reporting.conftest import TEAM, ZONE, Desk
from tests.reporting.lives import Life
from tests.reporting.recount import lives
from tests.reporting.spoken import spoken
from tests.reporting.test_thread import (
    LONG_AFTER,
    PLUS_8,
    WHOLE,
    asked,
    forget,
    repeated_and_shuffled,
)
from tests.reporting.voices import Voice, recount_voices, said_of, voices

OUTCOMES = ("recovered", "not_recovered", "unreachable", "not_needed")


def everything(_at: object, _team: UUID | None) -> bool:
    return True


async def kept_open(desk: Desk) -> dict[UUID, tuple[object, ...]]:
    async with desk.database.transaction() as session:
        rows = await session.execute(select(open_cases))
        return {row.id: (row.level, row.contacted_at, row.resulted_at) for row in rows}


@given(random=st.randoms(use_true_random=False))
@settings(
    max_examples=8,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_cases_and_items_in_any_order_give_the_recounted_figures(
    desk: Desk, random: Random
) -> None:
    await forget(desk)
    told = voices(random, 4, 14)
    heard = repeated_and_shuffled(random, said_of(told))
    while heard:
        some = random.randint(1, len(heard))
        await desk.hear(heard[:some], at_once=random.randint(1, 30))
        await desk.fold()
        heard = heard[some:]
    first = datetime(2025, 11, random.randint(1, 20), tzinfo=PLUS_8)
    until = first + timedelta(days=random.randint(1, 20))
    now = first + timedelta(seconds=random.randint(0, int((until - first).total_seconds()) - 1))
    period = Period(first.date(), (until - timedelta(days=1)).date())

    def in_period(at: datetime, _team: UUID | None) -> bool:
        return first <= at < until

    for wanted, days, as_of in (
        (everything, WHOLE, LONG_AFTER),
        (in_period, period, now),
    ):
        for code, (value, n) in recount_voices(told, wanted, by=as_of).items():
            expected = (None if value is None else pytest.approx(value), n)
            assert await asked(desk, code, days, as_of) == expected, code
    cases = [voice for voice in told if not voice.item and not voice.closed]
    assert await kept_open(desk) == {c.id: (c.level, c.answered, c.result) for c in cases}


async def test_a_rebuild_gives_the_same_open_cases_and_verdicts(desk: Desk) -> None:
    told = voices(Random(61), 60, 60)
    await desk.hear(said_of(told), at_once=50)
    await desk.fold()
    before = (await kept_open(desk), await desk.figures(desk.manager, "recovery_rate"))
    await rebuild(desk.database, ZONE)
    after = (await kept_open(desk), await desk.figures(desk.manager, "recovery_rate"))
    assert before[0] == after[0] != {}
    assert before[1]["figure"] == after[1]["figure"]


@pytest.mark.feature("R-10")
async def test_verdicts_limits_and_closings_are_counted_once_and_shown_with_their_kinds(
    desk: Desk,
) -> None:
    told = voices(Random(62), 80, 80)
    said = said_of(told)
    await asyncio.gather(desk.hear(said, at_once=60), desk.hear(said, at_once=60))
    await asyncio.gather(desk.fold(), desk.fold())
    for code, (value, n) in recount_voices(told, everything).items():
        found = (await desk.figures(desk.manager, code))["figure"]
        assert (found["n"], found["value"]) == (n, pytest.approx(value)), code
    recovery = (await desk.figures(desk.manager, "recovery_rate"))["figure"]
    shown = {o: sum(voice.outcome == o for voice in told) for o in OUTCOMES}
    assert recovery["outcomes"] == shown | {"other": 0}
    assert recovery["method"] == "wilson"
    open_items = any(voice.item and not voice.closed for voice in told)
    closing = (await desk.figures(desk.manager, "loop_closure_rate"))["figure"]
    assert (open_items, closing["state"], recovery["state"]) == (True, "provisional", "final")
    own = await desk.figures(desk.supervisor, "feedback_24h_rate")
    mine = recount_voices(told, lambda _at, team: team == TEAM)["feedback_24h_rate"]
    assert (own["figure"]["n"], own["figure"]["value"]) == (mine[1], pytest.approx(mine[0]))
    agent = await desk.people.staff(Role.AGENT)
    refused = await agent.get("/api/v1/figures?metric=recovery_rate")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


async def test_an_outcome_of_tomorrow_is_no_recovery_and_counts(desk: Desk) -> None:
    case = Voice(Random(1), 1).live()
    case.events = case.events[:1]
    case.closed = None
    about = {"handling_ticket_id": None, "response_id": None}
    case.say("closed", case.began, outcome="given_a_ship", closed_at=case.began, **about)
    await desk.hear(said_of([case]))
    await desk.fold()
    found = (await desk.figures(desk.manager, "recovery_rate"))["figure"]
    assert (found["n"], found["hits"], found["outcomes"]["other"]) == (1, 0, 1)


OF_CUSTOMERS = (
    "complaint_count",
    "complaint_rate",
    "ticket_count",
    "closed_count",
    "reopened_count",
    "backlog",
    "closing_time",
    "within_deadline_rate",
    "fcr",
    "srr",
    "cpr",
    "csat_score",
    "satisfaction_rate",
    "nps",
    "complaint_satisfaction_rate",
    "survey_response_rate",
)


async def test_recovery_tickets_are_in_no_figure_of_what_customers_asked_for(desk: Desk) -> None:
    told = [life for life in lives(Random(63), 200, 200) if life.dims["kind"] == "recovery"]
    assert len([life for life in told if life.surveys]) > 10
    await desk.hear(spoken(told), at_once=100)
    await desk.fold()
    for code in OF_CUSTOMERS:
        found = (await desk.figures(desk.manager, code))["figure"]
        assert (found["n"], found["open_n"] or 0) == (0, 0), code
    worked = (await desk.figures(desk.manager, "resolution_time"))["figure"]
    assert worked["n"] > 0


async def test_what_stands_open_at_the_end_of_each_day_is_what_had_begun_and_not_ended(
    desk: Desk,
) -> None:
    told = lives(Random(64), 60, 60)
    await desk.hear(spoken(told), at_once=100)
    await desk.fold()
    own = [life for life in told if life.dims["kind"] != "recovery"]
    asked_days = {"from": "2025-11-10", "to": "2025-12-10", "by": "day"}
    found = await desk.figures(desk.manager, "backlog", **asked_days)
    assert len(found["groups"]) == 31
    for group in found["groups"]:
        assert group["n"] == standing(own, group["last"]), group["last"]
    assert found["figure"]["value"] == standing(own, "2025-12-10")
    by_week = await desk.figures(desk.manager, "backlog", **asked_days | {"by": "week"})
    assert [g["n"] for g in by_week["groups"]] == [
        standing(own, g["last"]) for g in by_week["groups"]
    ]
    by_team = await desk.figures(desk.manager, "backlog", **asked_days | {"by": "org_unit_id"})
    team = next(group for group in by_team["groups"] if group["group"] == str(TEAM))
    assert team["n"] == standing([x for x in own if x.dims["org_unit_id"] == TEAM], "2025-12-10")


def standing(told: list[Life], day: str) -> int:
    midnight = datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time())
    return sum(life.is_open(midnight.replace(tzinfo=PLUS_8)) for life in told)
