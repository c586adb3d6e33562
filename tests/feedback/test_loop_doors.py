"""The worklist of loop cases and what people do with it, through the HTTP doors."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.feedback.loops.tables import loop_contacts
from shared.auth.actor import Role
from shared.clock import utcnow
from shared.contracts.privacy import ErasureRequested
from shared.ids import new_id
from tests.feedback.conftest import Feedback, letters, message
from tests.feedback.loop_life import (
    HANDLING,
    ROOT,
    after,
    call_wanted,
    case_of,
    completed,
    low_score,
    resolved,
    responded,
    restated,
    taken,
)
from tests.support.people import Person

CASES = "/api/v1/loop-cases"


@dataclass
class Branch:
    """A branch with a team: who works in it, who supervises each, and who manages all."""

    path: tuple[UUID, UUID]
    agent: Person
    lead: Person
    head: Person
    manager: Person


@pytest.fixture
async def branch(feedback: Feedback) -> Branch:
    """Put the branch into the directory."""
    people = feedback.people
    top = await people.unit(kind="branch")
    team = await people.unit(top)
    return Branch(
        (top, team),
        agent=await people.staff(Role.AGENT, units=[team]),
        lead=await people.staff(Role.SUPERVISOR, units=[team]),
        head=await people.staff(Role.SUPERVISOR, units=[top]),
        manager=await people.staff(Role.MANAGER),
    )


async def opened(feedback: Feedback, branch: Branch, **facts: Any) -> UUID:
    """Open a case of the team and return its id."""
    root = new_id()
    await feedback.hear(low_score(root, new_id(), org_path=branch.path, **facts))
    return await case_of(feedback, root)


async def shown(person: Person, case_id: UUID) -> dict[str, Any]:
    answer = await person.get(f"{CASES}/{case_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def listed(person: Person, **query: Any) -> list[UUID]:
    answer = await person.get(CASES, params=query)
    assert answer.status_code == 200, answer.text
    return [UUID(one["id"]) for one in answer.json()["data"]]


async def told(feedback: Feedback) -> list[tuple[str, UUID]]:
    """Return which of our people were told what."""
    said = letters(await feedback.said("notification.staff_request"))
    return [(one["template"], UUID(one["staff_id"])) for one in said]


async def test_a_case_has_an_owner_two_clocks_and_says_when_he_would_like_to_be_called(
    feedback: Feedback, branch: Branch
) -> None:
    now = utcnow()
    await feedback.hear(
        call_wanted(now), low_score(at=now - timedelta(hours=1), org_path=branch.path)
    )
    case_id = await case_of(feedback)

    case = await shown(branch.agent, case_id)

    assert (case["state"], case["level"], case["owner_id"]) == ("open", 1, str(branch.lead.id))
    assert case["callback_time"] == "evening"
    left = {name: case[name]["seconds_left"] for name in ("contact", "result")}
    assert left["contact"] == pytest.approx(23 * 3600, abs=60)
    assert left["result"] == pytest.approx(47 * 3600, abs=60)
    assert [one["satisfaction"] for one in case["scores"]] == [1]
    assert await told(feedback) == [("loop_opened", branch.lead.id)]
    stranger = await feedback.people.staff(Role.AGENT, units=[new_id()])
    assert (await stranger.get(f"{CASES}/{case_id}")).status_code == 404
    assert await listed(stranger) == []
    admin = await feedback.people.staff(Role.ADMIN)
    assert (await admin.get(CASES)).status_code == 403


async def test_when_an_erased_customer_wanted_to_be_called_is_forgotten_for_good(
    feedback: Feedback, branch: Branch
) -> None:
    early, late = utcnow() - timedelta(hours=2), utcnow()
    await feedback.hear(low_score(at=early, org_path=branch.path), call_wanted(early))
    case_id = await case_of(feedback)
    asked = new_id()
    erasure = ErasureRequested(request_id=asked, customer_id=UUID(int=7), requested_at=late)
    await feedback.hear(message(erasure, asked))

    await feedback.hear(responded(late, ROOT))
    await feedback.hear(call_wanted(late, "morning"))

    assert (await shown(branch.lead, case_id))["callback_time"] is None


async def test_a_case_of_no_team_is_on_the_worklist_of_every_team(
    feedback: Feedback, branch: Branch
) -> None:
    root = new_id()
    await feedback.hear(low_score(root))
    case_id = await case_of(feedback, root)

    assert (await shown(branch.manager, case_id))["owner_id"] == str(branch.manager.id)
    assert await listed(branch.lead) == await listed(branch.agent) == [case_id]
    reached = await branch.agent.post(
        f"{CASES}/{case_id}/contacts", {"means": "phone", "reached": True}
    )
    assert reached.json()["state"] == "contacted"
    admin = await feedback.people.staff(Role.ADMIN)
    assert (await admin.get(f"{CASES}/{case_id}")).status_code == 403


async def test_of_the_demo_nobody_is_told_and_of_imported_history_there_is_no_case(
    feedback: Feedback, branch: Branch
) -> None:
    await feedback.hear(low_score(new_id(), new_id(), origin="import", org_path=branch.path))
    assert await listed(branch.manager) == []

    await opened(feedback, branch, origin="demo", at=utcnow() - timedelta(days=30))
    await feedback.sweep("loop_contact_overdue", "loop_result_overdue")

    assert len(await listed(branch.manager)) == 1
    said = await feedback.said("feedback.loop_opened", "feedback.loop_overdue")
    assert {one.origin for one in said} == {"demo"}
    assert await told(feedback) == []


async def test_a_bad_answer_about_a_recovery_opens_no_case(feedback: Feedback) -> None:
    await feedback.hear(low_score(kind="recovery"))

    assert await feedback.said("feedback.loop_opened") == []


async def test_a_contact_that_reaches_the_customer_stops_the_clock_once(
    feedback: Feedback, branch: Branch
) -> None:
    case_id = await opened(feedback, branch)
    at = f"{CASES}/{case_id}/contacts"

    missed = await branch.agent.post(at, {"means": "phone", "reached": False})
    assert (missed.status_code, missed.json()["state"]) == (201, "open")
    body = {"means": "phone", "reached": True, "note": "客户姓李，约好明天上午再上门"}
    reached = await branch.agent.post(at, body, key="the-same-call")
    again = await branch.agent.post(at, body, key="the-same-call")
    another = await branch.agent.post(at, {"means": "wechat", "reached": True})

    assert again.json() == reached.json()
    assert reached.json()["state"] == "contacted"
    case = await shown(branch.lead, case_id)
    assert [(one["means"], one["reached"], one["note"]) for one in case["contacts"]] == [
        ("phone", False, None),
        ("phone", True, body["note"]),
        ("wechat", True, None),
    ]
    assert another.json()["contact"] == reached.json()["contact"]
    assert len(await feedback.said("feedback.loop_contacted")) == 1
    async with feedback.database.transaction() as session:
        notes = await session.scalars(select(loop_contacts.c.note_sealed))
        assert "李" not in "".join(note or "" for note in notes)


async def test_both_clocks_run_out_once_and_each_raises_the_case_to_the_next_person(
    feedback: Feedback, branch: Branch
) -> None:
    opened_at = utcnow()
    case_id = await opened(feedback, branch, at=opened_at)
    sweeps = ("loop_contact_overdue", "loop_result_overdue")

    async def at(**time: float) -> int:
        now = opened_at + timedelta(**time)
        done = await asyncio.gather(*(feedback.sweep(*sweeps, now=now) for _ in range(4)))
        return sum(done)

    assert await at(hours=23, minutes=59) == 0
    assert await at(hours=24) == 1
    assert await at(hours=47) == 0
    assert await at(hours=48) == 1
    assert await at(hours=99) == 0

    said = await feedback.said("feedback.loop_overdue")
    assert [one.data["clock"] for one in said] == ["contact", "result"]
    case = await shown(branch.lead, case_id)
    assert [(one["reason"], one["level"]) for one in case["escalations"]] == [
        ("contact_overdue", 2),
        ("result_overdue", 3),
    ]
    assert (case["level"], case["owner_id"]) == (3, str(branch.manager.id))
    notices = letters(await feedback.said("notification.staff_request"))
    assert [one["parameters"].get("clock") for one in notices] == [None, "contact", "result"]
    assert await told(feedback) == [
        ("loop_opened", branch.lead.id),
        ("loop_overdue", branch.head.id),
        ("loop_overdue", branch.manager.id),
    ]


async def test_a_clock_that_was_stopped_in_time_never_runs_out(
    feedback: Feedback, branch: Branch
) -> None:
    root = new_id()
    await feedback.hear(low_score(root, org_path=branch.path))
    await feedback.hear(taken(await case_of(feedback, root), root))
    await feedback.hear(responded(after(hours=1)), resolved(after(hours=2)))

    now = after(days=9)
    assert await feedback.sweep("loop_contact_overdue", "loop_result_overdue", now=now) == 0
    assert (await shown(branch.lead, await case_of(feedback, root)))["state"] == "verifying"


async def test_whom_we_did_not_win_back_stays_on_the_list_of_the_next_level_until_acknowledged(
    feedback: Feedback, branch: Branch
) -> None:
    case_id = await opened(feedback, branch)
    root = UUID((await shown(branch.lead, case_id))["ticket_id"])
    await feedback.hear(taken(case_id, root), completed(2, at=after(days=1)))

    case = await shown(branch.lead, case_id)
    assert (case["state"], case["outcome"]) == ("closed", "not_recovered")
    assert (await told(feedback))[-1] == ("loop_not_recovered", branch.head.id)
    assert await listed(branch.head, owner="me", needs_acknowledgement=True) == [case_id]
    assert await listed(branch.lead, owner="me") == []

    at = f"{CASES}/{case_id}/acknowledge"
    assert (await branch.agent.post(at)).status_code == 403
    # who did not win the customer back cannot put it away, nor take it back to do so
    assert (await branch.lead.post(at)).status_code == 403
    back = await branch.lead.post(f"{CASES}/{case_id}/assign", {"owner_id": str(branch.lead.id)})
    assert back.status_code == 403
    first, second = await asyncio.gather(branch.head.post(at), branch.head.post(at))

    assert sorted((first.status_code, second.status_code)) == [200, 409]
    refused = first if first.status_code == 409 else second
    assert refused.json()["code"] == "nothing_to_acknowledge"
    assert await listed(branch.head) == []
    assert await listed(branch.head, state="closed") == [case_id]
    assert (await shown(branch.head, case_id))["outcome"] == "not_recovered"


async def test_the_worklist_begins_with_the_nearest_deadline_and_goes_on_from_page_to_page(
    feedback: Feedback, branch: Branch
) -> None:
    now = utcnow()
    hours = (5, 30, 1, 20, 3)
    by_age = {ago: await opened(feedback, branch, at=now - timedelta(hours=ago)) for ago in hours}
    await branch.agent.post(f"{CASES}/{by_age[30]}/contacts", {"means": "sms", "reached": True})

    found: list[UUID] = []
    cursor = None
    while cursor is not None or not found:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await branch.agent.get(CASES, params=query)).json()
        found += [UUID(one["id"]) for one in page["data"]]
        cursor = page["next_cursor"]

    # 20 h old: 4 h left to speak to him; 30 h old and spoken to: 18 h left for the result
    assert found == [by_age[20], by_age[30], by_age[5], by_age[3], by_age[1]]
    assert await listed(branch.agent, state="contacted") == [by_age[30]]
    assert await listed(branch.agent, overdue=True) == []
    assert (await branch.agent.get(CASES, params={"cursor": "bm9uZQ"})).status_code == 400
    late = await opened(feedback, branch, at=now - timedelta(hours=25))
    assert await listed(branch.agent, overdue=True) == [late]


async def test_a_case_is_given_to_somebody_by_a_supervisor_and_he_is_told(
    feedback: Feedback, branch: Branch
) -> None:
    case_id = await opened(feedback, branch)
    at, body = f"{CASES}/{case_id}/assign", {"owner_id": str(branch.agent.id)}

    assert (await branch.agent.post(at, body)).status_code == 403
    nobody = await branch.lead.post(at, {"owner_id": str(new_id())})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "unknown_staff")
    given = await branch.lead.post(at, body)

    assert given.json()["owner_id"] == str(branch.agent.id)
    auditor = await feedback.people.staff(Role.AUDITOR)
    (line,) = (await auditor.get("/api/v1/feedback/audit")).json()["data"]
    assert line["changes"]["owner_id"]["after"] == str(branch.agent.id)
    assert line["changes"]["owner_id"]["before"] not in {None, str(branch.agent.id)}
    assert (await told(feedback))[-1] == ("loop_assigned", branch.agent.id)
    assert await listed(branch.agent, owner="me") == [case_id]


async def test_who_changes_a_case_that_he_has_not_seen_is_refused(
    feedback: Feedback, branch: Branch
) -> None:
    case_id = await opened(feedback, branch)
    seen = await branch.lead.get(f"{CASES}/{case_id}")
    known = {"If-None-Match": seen.headers["etag"]}
    assert (await branch.lead.get(f"{CASES}/{case_id}", headers=known)).status_code == 304
    await branch.agent.post(f"{CASES}/{case_id}/contacts", {"means": "sms", "reached": False})

    headers = {"Idempotency-Key": str(new_id()), "If-Match": seen.headers["etag"]}
    stale = await branch.lead.client.post(
        f"{CASES}/{case_id}/escalate", json={"reason": "customer_insists"}, headers=headers
    )

    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert await feedback.said("feedback.loop_escalated") == []


async def test_a_person_raises_a_case_for_a_reason_of_his_own(
    feedback: Feedback, branch: Branch
) -> None:
    case_id = await opened(feedback, branch)
    at = f"{CASES}/{case_id}/escalate"

    assert (await branch.agent.post(at, {"reason": "contact_overdue"})).status_code == 422
    raised = await branch.agent.post(at, {"reason": "beyond_our_means"})

    assert (raised.json()["level"], raised.json()["owner_id"]) == (2, str(branch.head.id))
    (step,) = raised.json()["escalations"]
    assert (step["reason"], step["staff_id"]) == ("beyond_our_means", str(branch.agent.id))


async def test_a_case_is_closed_by_a_supervisor_for_a_reason_or_after_an_attempt(
    feedback: Feedback, branch: Branch
) -> None:
    needless, unreachable = await opened(feedback, branch), await opened(feedback, branch)
    mistaken = {"outcome": "not_needed", "reason": "mistaken_answer"}

    assert (await branch.agent.post(f"{CASES}/{needless}/close", mistaken)).status_code == 403
    for wrong in (
        {"outcome": "recovered"},
        {"outcome": "not_needed"},
        {"outcome": "unreachable", "reason": "mistaken_answer"},
        {"outcome": "not_needed", "reason": "answer_restated"},
    ):
        answer = await branch.lead.post(f"{CASES}/{needless}/close", wrong)
        assert answer.status_code == 422, wrong
        # a sentence of our own, not Pydantic's "Value error, …"
        assert "error" not in answer.json()["errors"][0]["message"]
    closed = await branch.lead.post(f"{CASES}/{needless}/close", mistaken)
    assert (closed.json()["state"], closed.json()["closed_by"]) == ("closed", str(branch.lead.id))

    gone = {"outcome": "unreachable"}
    untried = await branch.lead.post(f"{CASES}/{unreachable}/close", gone)
    assert (untried.status_code, untried.json()["code"]) == (409, "no_attempt_logged")
    await branch.agent.post(f"{CASES}/{unreachable}/contacts", {"means": "phone", "reached": False})
    at = f"{CASES}/{unreachable}/close"
    answers = await asyncio.gather(*(branch.lead.post(at, gone) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    for verb, body in (("contacts", {"means": "sms", "reached": True}), ("assign", None)):
        given = body or {"owner_id": str(branch.agent.id)}
        after_all = await branch.lead.post(f"{CASES}/{unreachable}/{verb}", given)
        assert (after_all.status_code, after_all.json()["code"]) == (409, "loop_case_closed")

    said = await feedback.said("feedback.loop_closed")
    assert [one.data["outcome"] for one in said] == ["not_needed", "unreachable"]
    await feedback.sweep("loop_contact_overdue", "loop_result_overdue", now=after(days=9))
    assert await feedback.said("feedback.loop_overdue") == []


async def test_an_answer_that_is_restated_after_somebody_acted_is_noted_on_the_case(
    feedback: Feedback, branch: Branch
) -> None:
    await feedback.hear(low_score(org_path=branch.path))
    case_id = await case_of(feedback)
    await branch.agent.post(f"{CASES}/{case_id}/contacts", {"means": "phone", "reached": False})

    await feedback.hear(restated(utcnow() + timedelta(minutes=1), low=False))

    case = await shown(branch.agent, case_id)
    assert case["state"] == "open"
    (score,) = case["scores"]
    assert (score["satisfaction"], score["restated_satisfaction"]) == (1, 5)
    assert case["restated_at"] == score["restated_at"]


async def test_a_further_bad_answer_joins_the_open_case_and_after_its_end_opens_the_next(
    feedback: Feedback, branch: Branch
) -> None:
    root = new_id()
    await feedback.hear(low_score(root, new_id(), 1, org_path=branch.path))
    first = await case_of(feedback, root)
    answer = new_id()
    for _ in range(2):  # the same answer, told in two messages
        await feedback.hear(low_score(root, answer, 2, at=after(days=1), satisfaction=2))

    case = await shown(branch.manager, first)
    assert (case["satisfaction"], [one["satisfaction"] for one in case["scores"]]) == (1, [1, 2])

    await feedback.hear(taken(first, root), completed(5, at=after(days=2), ticket_id=HANDLING))
    await feedback.hear(low_score(root, new_id(), 3, at=after(days=5)))

    assert len(await feedback.said("feedback.loop_opened")) == 2
    assert await case_of(feedback, root) != first
    assert (await shown(branch.manager, first))["outcome"] == "recovered"
