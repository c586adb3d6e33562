"""Every closed cycle is asked about once, or there is one row that says why not."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from services.surveys.invitations.rules import Closing, Timing, reason_not_to_ask
from services.surveys.invitations.tables import invitations, reopened_cycles
from shared.auth.actor import Role
from shared.clock import utcnow
from shared.ids import new_id
from shared.inbox.tables import inbox
from shared.outbox.tables import outbox
from tests.surveys.conftest import CLOSED_AT, Heard, Surveys, closed, delivered, reopened


@pytest.mark.feature("S-20")
async def test_a_complaint_closed_twice_is_surveyed_once(surveys: Surveys) -> None:
    once, other_message = closed(), closed()

    await surveys.hear(once, once)
    await surveys.hear(once)
    await surveys.hear(other_message)

    (row,) = await surveys.rows()
    assert (row.state, row.questionnaire, row.cycle_no) == ("scheduled", "complaint_handling_v1", 1)
    (said,) = await surveys.said("survey.invited", "survey.suppressed")
    assert said.data["invitation_id"] == str(row.id)
    assert await surveys.send() == 1
    assert await surveys.send() == 0
    (letter,) = await surveys.said("notification.request")
    assert letter.recipient == "integrations"
    assert await surveys.token() not in str(letter.data)

    await surveys.hear(closed(cycle_no=2, resolution_reason="spam"))
    assert [row.state for row in await surveys.rows()] == ["sent", "suppressed"]


@pytest.mark.parametrize(
    ("changes", "origin", "reason"),
    [
        ({"resolution_reason": "no_response"}, "live", "no_response"),
        ({"resolution_reason": "spam"}, "live", "spam"),
        ({"resolution_reason": "duplicate"}, "live", "duplicate"),
        ({"requester": "staff"}, "live", "staff_requester"),
        ({"customer_id": None}, "live", "no_customer"),
        ({}, "import", "imported"),
        ({"closed_at": CLOSED_AT - timedelta(days=30)}, "live", "stale"),
    ],
)
async def test_who_is_not_asked_has_one_row_with_the_reason(
    surveys: Surveys, changes: dict[str, Any], origin: str, reason: str
) -> None:
    heard = closed(origin=origin, **changes)

    await surveys.hear(heard)
    await surveys.hear(heard)

    (row,) = await surveys.rows()
    assert (row.state, row.reason, row.token_hash) == ("suppressed", reason, None)
    (said,) = await surveys.said("survey.invited", "survey.suppressed")
    assert (said.type, said.data["reason"]) == ("survey.suppressed", reason)
    assert await surveys.send() == 0
    assert await surveys.said("notification.request") == []


async def test_a_ticket_closed_by_the_timer_is_surveyed(surveys: Surveys) -> None:
    await surveys.hear(closed(close_actor="timer"))

    (row,) = await surveys.rows()
    assert row.state == "scheduled"


async def test_of_the_demo_nobody_is_written_to(surveys: Surveys) -> None:
    await surveys.hear(closed(origin="demo", closed_at=CLOSED_AT - timedelta(days=60)))

    assert await surveys.send() == 1
    (row,) = await surveys.rows()
    assert row.state == "sent"
    assert await surveys.said("notification.request") == []


async def test_what_was_sent_before_a_reopening_stays_answerable(surveys: Surveys) -> None:
    token = await surveys.invited()

    await surveys.hear(reopened())

    (row,) = await surveys.rows()
    assert row.state == "sent"
    customer = surveys.people.bearing(new_id(), None)
    answer = {"answers": {"result": 4, "solved": True, "recommend": 9}}
    assert (await customer.post(f"/api/v1/public/surveys/{token}", answer)).status_code == 201
    (said,) = await surveys.said("survey.completed")
    assert (said.data["cycle_no"], said.data["after_reopen"]) == (1, True)


async def test_one_reminder_then_the_end(surveys: Surveys) -> None:
    token = await surveys.invited()
    customer = surveys.people.bearing(new_id(), None)

    await surveys.age(timedelta(days=3))
    assert await surveys.send() == 1
    assert await surveys.send() == 0
    assert len(await surveys.said("notification.request")) == 2
    assert (await customer.get(f"/api/v1/public/surveys/{token}")).status_code == 200

    await surveys.age(timedelta(days=4))
    assert await surveys.send() == 1
    assert await surveys.send() == 0
    (row,) = await surveys.rows()
    assert row.state == "expired"
    assert len(await surveys.said("survey.expired")) == 1
    assert (await customer.get(f"/api/v1/public/surveys/{token}")).status_code == 404


async def test_the_first_delivery_counts_whatever_order_they_come_in(surveys: Surveys) -> None:
    await surveys.invited()
    (row,) = await surveys.rows()
    first, second = CLOSED_AT + timedelta(minutes=1), CLOSED_AT + timedelta(days=3)

    await surveys.hear(delivered(row.id, second))
    await surveys.hear(delivered(row.id, first))

    (row,) = await surveys.rows()
    assert row.delivered_at == first


LIFE = (closed(cycle_no=1), reopened(cycle_no=2), closed(cycle_no=2), reopened(cycle_no=3))


@given(heard=st.permutations(LIFE * 2), cuts=st.sets(st.integers(1, 7)))
@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
async def test_a_life_heard_in_any_order_and_twice_ends_in_the_same_state(
    surveys: Surveys, heard: list[Heard], cuts: set[int]
) -> None:
    async with surveys.database.transaction() as session:
        for table in (invitations, reopened_cycles, inbox, outbox):
            await session.execute(delete(table))

    bounds = [0, *sorted(cuts), len(heard)]
    for begin, end in pairwise(bounds):
        await surveys.hear(*heard[begin:end])

    rows = await surveys.rows()
    assert [(row.cycle_no, row.state, row.reason, row.sequence) for row in rows] == [
        (1, "cancelled", "reopened", 2),
        (2, "cancelled", "reopened", 2),
    ]
    said = await surveys.said("survey.invited", "survey.cancelled")
    assert sorted((one.type, one.data["cycle_no"], one.sequence) for one in said) == [
        ("survey.cancelled", 1, 2),
        ("survey.cancelled", 2, 2),
        ("survey.invited", 1, 1),
        ("survey.invited", 2, 1),
    ]


async def test_staff_see_the_invitations_of_their_own_units(surveys: Surveys) -> None:
    team, other = new_id(), new_id()
    await surveys.hear(closed(new_id(), org_unit_id=team, org_path=[team]))
    mine = await surveys.people.staff(Role.AGENT, units=[team])
    stranger = await surveys.people.staff(Role.AGENT, units=[other])
    customer = surveys.people.customer()

    (shown,) = (await mine.get("/api/v1/invitations")).json()["data"]
    path = f"/api/v1/invitations/{shown['id']}"

    assert "token" not in str(shown)
    assert (await mine.get(path)).json() == shown
    assert (await stranger.get("/api/v1/invitations")).json()["data"] == []
    assert (await stranger.get(path)).status_code == 404
    assert (await customer.get(path)).status_code == 403


@given(
    origin=st.sampled_from(["live", "demo", "import", "replay"]),
    requester=st.sampled_from(["customer", "staff"]),
    resolution=st.sampled_from(["solved", "workaround", "spam", "duplicate", "no_response"]),
    has_customer=st.booleans(),
    age=st.integers(0, 10),
)
def test_an_import_is_never_asked_about_and_a_solved_live_one_always(
    *, origin: str, requester: str, resolution: str, has_customer: bool, age: int
) -> None:
    now = utcnow()
    timing = Timing(timedelta(), timedelta(days=3), timedelta(days=7), timedelta(days=2))
    closing = Closing(resolution, requester, has_customer, origin, now - timedelta(days=age))

    reason = reason_not_to_ask(closing, timing, now=now)

    if origin == "import":
        assert reason == "imported"
    elif requester == "customer" and resolution in {"solved", "workaround"} and has_customer:
        assert reason == ("stale" if origin == "live" and age > 2 else None)
    else:
        assert reason is not None
