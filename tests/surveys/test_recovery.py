"""A recovery is asked about once, in short, and its answers open nothing."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from services.surveys.invitations.links import token_of
from services.surveys.invitations.tables import invitations, reopened_cycles
from shared.ids import new_id
from shared.inbox.tables import inbox
from shared.outbox.tables import outbox
from tests.support.people import VAULT, Person
from tests.surveys.conftest import Heard, Surveys, closed, reopened

LET_DOWN = {"overall": 1, "solved": False}


def ended(cycle_no: int = 1, **changes: Any) -> Heard:
    """Return the closing of a recovery."""
    return closed(cycle_no=cycle_no, kind="recovery", **changes)


def anybody(surveys: Surveys) -> Person:
    return surveys.people.bearing(new_id(), None)


async def states(surveys: Surveys) -> list[tuple[int, str, str | None]]:
    return [(row.cycle_no, row.state, row.reason) for row in await surveys.rows()]


async def test_a_recovery_is_asked_about_once_however_often_it_is_closed(surveys: Surveys) -> None:
    first = ended()
    await surveys.hear(first, first)
    (row,) = await surveys.rows()
    assert row.questionnaire == "recovery_check_v1"
    assert await surveys.send() == 1

    await surveys.hear(reopened(cycle_no=2), ended(cycle_no=2))
    await surveys.hear(ended(cycle_no=2), reopened(cycle_no=3))
    await surveys.hear(ended(cycle_no=3))

    assert await states(surveys) == [
        (1, "sent", None),
        (2, "suppressed", "recovery_asked"),
        (3, "suppressed", "recovery_asked"),
    ]
    assert await surveys.send() == 0
    assert len(await surveys.said("notification.request")) == 1


async def test_who_was_not_written_to_yet_is_asked_about_the_last_closing(
    surveys: Surveys,
) -> None:
    await surveys.hear(ended())
    await surveys.hear(reopened(cycle_no=2))
    await surveys.hear(ended(cycle_no=2))
    assert await states(surveys) == [(1, "cancelled", "reopened"), (2, "scheduled", None)]


@given(heard=st.permutations((ended(1), reopened(cycle_no=2), ended(2)) * 2))
@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
async def test_whatever_order_it_is_heard_in_a_recovery_asks_about_one_cycle(
    surveys: Surveys, heard: list[Heard]
) -> None:
    async with surveys.database.transaction() as session:
        for table in (invitations, reopened_cycles, inbox, outbox):
            await session.execute(delete(table))
    bounds = (0, 2, 3, len(heard))
    for begin, end in pairwise(bounds):
        await surveys.hear(*heard[begin:end])

    found = await states(surveys)
    assert [cycle_no for cycle_no, _, _ in found] == [1, 2]
    assert [state for _, state, _ in found].count("scheduled") == 1
    assert found[1][1] == "scheduled"
    said = await surveys.said("survey.invited", "survey.suppressed", "survey.cancelled")
    ends = {"survey.suppressed", "survey.cancelled"}
    assert [one.data["cycle_no"] for one in said if one.type in ends] == [1]


async def test_a_bad_answer_about_a_recovery_is_told_and_calls_for_no_other(
    surveys: Surveys,
) -> None:
    path = f"/api/v1/public/surveys/{await surveys.invited(kind='recovery')}"
    asked = (await anybody(surveys).get(path)).json()
    assert [one["qid"] for one in asked["questions"]] == ["overall", "solved"]

    answer = await anybody(surveys).post(path, {"answers": LET_DOWN})
    assert (await anybody(surveys).post(path, {"answers": LET_DOWN})).status_code == 409

    assert answer.json() == {"completed": True, "callback_offered": True}
    (said,) = await surveys.said("survey.completed", "survey.low_score")
    told = {name: said.data[name] for name in ("kind", "satisfaction", "solved", "nps", "low")}
    assert told == {
        "kind": "recovery",
        "satisfaction": 1,
        "solved": False,
        "nps": None,
        "low": True,
    }


@pytest.mark.parametrize("origin", ["live", "demo"])
async def test_a_root_ticket_that_was_its_own_recovery_gets_the_ordinary_form(
    surveys: Surveys, origin: str
) -> None:
    await surveys.hear(closed(cycle_no=2, kind="repair", origin=origin))
    await surveys.send()
    (row,) = await surveys.rows()
    assert row.questionnaire == "ticket_followup_v1"
    path = f"/api/v1/public/surveys/{token_of(VAULT, row.id, row.token_sealed)}"
    answers = {"overall": 1, "contacted_again": True}
    await anybody(surveys).post(path, {"answers": answers})
    (said,) = await surveys.said("survey.low_score")
    assert said.origin == origin
