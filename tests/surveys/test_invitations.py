"""Every closed cycle is asked about once, or there is one row that says why not."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.invitations.rules import Closing, Timing, reason_not_to_ask
from shared.auth.actor import Role
from shared.clock import utcnow
from shared.ids import new_id
from tests.surveys.conftest import CLOSED_AT, Surveys, closed, delivered, reopened


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


async def test_a_history_of_many_closings_takes_no_more_statements_than_two_closings(
    surveys: Surveys,
) -> None:
    statements: list[str] = []

    def noted(*execution: Any) -> None:
        statements.append(execution[2])

    sqlalchemy.event.listen(surveys.database.engine.sync_engine, "before_cursor_execute", noted)
    await surveys.hear(closed(new_id(), origin="import"), closed(new_id(), origin="import"))
    of_two = len(statements)
    tickets = [new_id() for _ in range(300)]
    many = [closed(ticket, origin="import") for ticket in [*tickets, tickets[0]]]
    await surveys.hear(*many, reopened(tickets[1]))

    assert len(statements) - of_two <= of_two + 5  # the reopening has its own
    rows = await surveys.rows()
    assert len(rows) == len({row.ticket_id for row in rows}) == 302
    assert {(row.state, row.reason) for row in rows} == {("suppressed", "imported")}
    assert [row.ticket_id for row in rows if row.reopened_at] == [tickets[1]]
    said = await surveys.said("survey.suppressed")
    assert {one.data["invitation_id"] for one in said} == {str(row.id) for row in rows}
    assert len(said) == 302


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


async def test_why_somebody_was_asked_or_not_is_explained(surveys: Surveys) -> None:
    team = new_id()
    asked, spam = new_id(), new_id()
    facts: dict[str, Any] = {"org_unit_id": team, "org_path": [team]}
    await surveys.hear(closed(asked, **facts), closed(spam, resolution_reason="spam", **facts))
    mine = await surveys.people.staff(Role.AGENT, units=[team])
    stranger = await surveys.people.staff(Role.AGENT, units=[new_id()])
    ids = {row.ticket_id: row.id for row in await surveys.rows()}

    async def explained(ticket_id: UUID) -> dict[str, Any]:
        answer = await mine.get(f"/api/v1/invitations/{ids[ticket_id]}/explain")
        return dict(answer.json())

    assert (await explained(asked))["next"]["step"] == "send"
    await surveys.send()
    await surveys.hear(delivered(ids[asked], utcnow()), reopened(asked))

    why = await explained(asked)
    assert {one["step"] for one in why["steps"]} == {
        "closed",
        "heard",
        "send",
        "delivered",
        "reopened",
    }
    assert [one["at"] for one in why["steps"]] == sorted(one["at"] for one in why["steps"])
    assert (why["state"], why["next"]["step"], why["zh"]) == ("sent", "remind", "已发送")
    why_not = await explained(spam)
    assert (why_not["reason"], why_not["zh"], why_not["next"]) == ("spam", "骚扰信息", None)
    path = f"/api/v1/invitations/{ids[spam]}/explain"
    assert (await stranger.get(path)).status_code == 404


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
        late = origin == "live" and age > 2
        assert reason == ("stale" if late or origin == "replay" else None)
    else:
        assert reason is not None
