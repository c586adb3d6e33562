"""E2: a bad answer opens a case with two clocks, is put right, and the customer says so."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.conftest import Edition
from tests.flows.recovery import Team, answers, led_team, said, survey_link
from tests.flows.test_e1 import everything_comes_again, links_to
from tests.support.company import Caller, found_company
from tests.support.patience import becomes

CONTACT_SECONDS, RESULT_SECONDS = 35, 40
"""Long enough to put the first case right in time on a machine that does everything at once."""

SETTINGS = {
    "CARELOOP_FEEDBACK_CONTACT_SECONDS": str(CONTACT_SECONDS),
    "CARELOOP_FEEDBACK_RESULT_SECONDS": str(RESULT_SECONDS),
}

LET_DOWN = {"result": 1, "solved": False, "recommend": 2}
CONTENT = {"overall": 5, "solved": True}


@pytest.fixture
async def team(edition: Edition, tmp_path: Path) -> AsyncIterator[Team]:
    """Run an edition whose clocks count seconds, with a team that has a supervisor."""
    async with edition(tmp_path, SETTINGS) as running:
        yield await led_team(await found_company(running))


@pytest.mark.feature("T-34")
@pytest.mark.timeout(300)  # a broker and ten processes start, and two clocks run out
async def test_a_bad_answer_is_put_right_in_time_and_one_that_is_not_is_seen(team: Team) -> None:
    company = team.company
    wang, li = [await company.customer(name, f"{name}@example.com") for name in ("wang", "li")]
    good, bad = await team.let_down(wang), await team.let_down(li)
    await answers(company, await survey_link(company, "wang", 1), LET_DOWN)
    await answers(company, await survey_link(company, "li", 1), LET_DOWN | {"result": 2})

    recovery = await opened(team, wang, good)
    await put_right(team, wang, recovery)
    neglected = await team.case_of(bad)
    await becomes(lambda: company.figures(*FIRST), FIRST)
    await becomes(lambda: escalations(team, neglected), ["contact_overdue", "result_overdue"])

    await becomes(lambda: company.figures(*LATER), LATER)
    await everything_comes_again(company, wang)
    assert await company.figures(*LATER) == LATER
    await stands_once(team, neglected)
    assert [len(links_to(company, name)) for name in ("wang", "li")] == [2, 1]


FIRST = {
    "recovery_rate": 100,
    "csat_score": 30,  # (1 + 2) * 20 / 2, whatever was said after the recovery
    "survey_response_rate": 100,  # of the two complaints; a recovery's survey is no third
    "complaint_count": 2,
}
LATER = FIRST | {"feedback_24h_rate": 50, "feedback_48h_rate": 50}


async def opened(team: Team, customer: Caller, root: Any) -> Any:
    """See the case, its owner, its two clocks and its recovery ticket; return that ticket."""
    case = await team.case_of(root)
    assert case["owner_id"] == team.supervisor.id
    assert (case["state"], case["level"], case["satisfaction"]) == ("open", 1, 1)
    for clock, limit in (("contact", CONTACT_SECONDS), ("result", RESULT_SECONDS)):
        assert case[clock]["stopped_at"] is None
        assert 0 < case[clock]["seconds_left"] <= limit
    recovery = await team.supervisor.get(f"/tickets/{case['handling_ticket_id']}")
    assert (recovery["kind"], recovery["recovers_ticket_id"]) == ("recovery", root["id"])
    assert recovery["assignee_id"] == team.supervisor.id
    assert recovery["first_response_due_at"] == case["contact"]["due_at"]
    shown = await team.supervisor.get(f"/tickets/{root['id']}")
    assert (shown["recovery_ticket_id"], shown["loop_case_id"]) == (recovery["id"], case["id"])
    his = (await customer.get(f"/my/tickets/{recovery['id']}"))["subject"]
    assert root["number"] in his
    return recovery


async def put_right(team: Team, customer: Caller, recovery: Any) -> None:
    """Speak to the customer, solve it, and let him say that it is good now."""
    case_id = recovery["loop_case_id"]

    async def state() -> str:
        return str((await team.case(case_id))["state"])

    path = f"/tickets/{recovery['id']}"
    await team.supervisor.does(f"{path}/replies", {"body": "很抱歉，今天就派人。"})
    await becomes(state, "contacted")
    await team.solve(recovery)
    await becomes(state, "verifying")
    await customer.does(f"/my{path}/confirm")
    token = await survey_link(team.company, "wang", 2)
    page = await team.company.running.client.get(f"/s/{token}")
    assert "重新处理" in page.text
    await answers(team.company, token, CONTENT)
    anybody = Caller("", team.company.running.client, None)
    again = await anybody.post(f"/public/surveys/{token}", {"answers": CONTENT | {"overall": 1}})
    assert (again.status_code, again.json()["code"]) == (409, "survey_answered")
    await becomes(state, "closed")
    case = await team.case(case_id)
    assert case["outcome"] == "recovered"
    for clock in ("contact", "result"):
        assert (case[clock]["overdue"], case[clock]["seconds_left"]) == (False, None)


async def escalations(team: Team, case: Any) -> list[str]:
    """Return why a case went upwards, in order."""
    return [one["reason"] for one in (await team.case(case["id"]))["escalations"]]


async def stands_once(team: Team, neglected: Any) -> None:
    """See that nothing happened a second time when everything was heard again."""
    cases = (await team.supervisor.get("/loop-cases"))["data"]
    closed = (await team.supervisor.get("/loop-cases", state="closed"))["data"]
    tickets = (await team.supervisor.get("/tickets", kind="recovery"))["data"]
    assert [one["id"] for one in cases] == [neglected["id"]]
    assert (len(closed), len(tickets)) == (1, 2)
    overdue = await said(team.company, "feedback", "feedback.loop_overdue")
    assert [(one["case_id"], one["clock"]) for one in overdue] == [
        (neglected["id"], "contact"),
        (neglected["id"], "result"),
    ]
    assert len(await said(team.company, "feedback", "feedback.loop_opened")) == 2
    assert len(await said(team.company, "surveys", "survey.low_score")) == 2
