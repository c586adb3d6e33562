"""Answers are corrected and taken back by whoever may; every figure follows, nothing is lost."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.surveys.invitations.links import token_of
from services.surveys.responses.tables import responses
from shared.audit import audit_entries
from shared.auth.actor import Role
from shared.ids import new_id
from tests.support.people import VAULT, Person
from tests.surveys.conftest import Surveys, closed

TEAM = new_id()
FIRST = {"result": 1, "solved": False, "recommend": 2}
WORDS = "等了两个星期，身份证号被问了三遍。"


async def answered(surveys: Surveys, answers: dict[str, Any], **changes: Any) -> str:
    """Let a customer of the team answer; return the path of his answer."""
    ticket_id = new_id()
    await surveys.hear(closed(ticket_id, org_unit_id=TEAM, org_path=[TEAM], **changes))
    await surveys.send()
    (row,) = [row for row in await surveys.rows() if row.ticket_id == ticket_id]
    link = f"/api/v1/public/surveys/{token_of(VAULT, row.id, row.token_sealed)}"
    customer = surveys.people.bearing(new_id(), None)
    assert (await customer.post(link, {"answers": answers})).status_code == 201
    (shown,) = (await (await manager(surveys)).get(PATH, params={"ticket_id": ticket_id})).json()[
        "data"
    ]
    return f"{PATH}/{shown['id']}"


PATH = "/api/v1/responses"
RESULTS = "/api/v1/questionnaires/complaint_handling_v1/results"


async def manager(surveys: Surveys) -> Person:
    return await surveys.people.staff(Role.MANAGER)


async def supervisor(surveys: Surveys) -> Person:
    return await surveys.people.staff(Role.SUPERVISOR, units=[TEAM])


def correction(**answers: Any) -> dict[str, Any]:
    return {"answers": answers, "reason": "chose_wrong"}


async def counted(surveys: Surveys) -> tuple[int, list[int]]:
    """Return how many answers count, and how often each level was given to the first question."""
    results = (await (await manager(surveys)).get(RESULTS)).json()
    return results["n"], [one["n"] for one in results["questions"][0]["counts"]]


async def restated(surveys: Surveys) -> list[dict[str, Any]]:
    names = ("satisfaction", "nps", "solved", "low", "withdrawn", "reason")
    said = await surveys.said("survey.response_restated")
    return [{name: one.data[name] for name in names} for one in said]


async def trail(surveys: Surveys) -> list[tuple[str, dict[str, Any]]]:
    async with surveys.database.transaction() as session:
        rows = await session.execute(select(audit_entries).order_by(audit_entries.c.at))
    return [(row.action, row.detail) for row in rows]


async def test_a_corrected_answer_moves_every_figure_and_the_first_one_stays_readable(
    surveys: Surveys,
) -> None:
    path = await answered(surveys, FIRST)
    boss = await supervisor(surveys)
    assert await counted(surveys) == (1, [1, 0, 0, 0, 0])

    body = correction(result=4, solved=True)
    once = await boss.post(f"{path}/restate", body, key="restate-once")
    twin = await boss.post(f"{path}/restate", body, key="restate-once")
    again = await boss.post(f"{path}/restate", body)

    assert (once.status_code, twin.json()) == (200, once.json())
    assert (again.status_code, again.json()["code"]) == (409, "answer_unchanged")
    shown = (await boss.get(path)).json()
    assert shown["answers"] == {"result": 4, "solved": True, "recommend": 2}
    assert (shown["satisfaction"], shown["solved"], shown["low"], shown["version"]) == (
        4,
        True,
        False,
        2,
    )
    (former,) = shown["former"]
    assert (former["version"], former["answers"], former["reason"]) == (1, FIRST, "chose_wrong")
    assert former["replaced_by"] == str(boss.id)
    assert await restated(surveys) == [
        {
            "satisfaction": 4,
            "nps": 2,
            "solved": True,
            "low": False,
            "withdrawn": False,
            "reason": "chose_wrong",
        }
    ]
    assert await counted(surveys) == (1, [0, 0, 0, 1, 0])
    assert await trail(surveys) == [
        (
            "response.restated",
            {
                "reason": "chose_wrong",
                "address": "127.0.0.1",
                "changes": {"satisfaction": [1, 4], "solved": [False, True]},
            },
        )
    ]
    assert len(await surveys.said("survey.low_score")) == 1


async def test_a_withdrawn_answer_counts_nowhere_and_its_words_are_gone(surveys: Surveys) -> None:
    path = await answered(surveys, FIRST | {"comment": WORDS})
    boss = await supervisor(surveys)

    taken_back = await boss.post(f"{path}/withdraw", {"reason": "customer_wish"})
    again = await boss.post(f"{path}/withdraw", {"reason": "customer_wish"})
    late = await boss.post(f"{path}/restate", correction(result=5))

    assert taken_back.status_code == 200
    assert [(one.status_code, one.json()["code"]) for one in (again, late)] == [
        (409, "answer_withdrawn")
    ] * 2
    shown = taken_back.json()
    assert (shown["answers"], shown["satisfaction"], shown["low"]) == ({}, None, False)
    assert shown["withdrawn_at"] is not None
    assert [one["answers"] for one in shown["former"]] == [FIRST]
    assert await counted(surveys) == (0, [0, 0, 0, 0, 0])
    assert [(one["satisfaction"], one["withdrawn"]) for one in await restated(surveys)] == [
        (None, True)
    ]
    async with surveys.database.transaction() as session:
        (row,) = await session.execute(select(responses))
    assert json.loads(VAULT.decrypt(row.texts_sealed, context=f"response:{row.id}")) == {}
    ((action, detail),) = await trail(surveys)
    assert (action, detail["reason"]) == ("response.withdrawn", "customer_wish")
    assert detail["changes"] == {
        "satisfaction": [1, None],
        "nps": [2, None],
        "solved": [False, None],
    }


@pytest.mark.parametrize(("kind", "calls"), [("complaint", 1), ("recovery", 0)])
async def test_an_answer_that_turns_out_bad_calls_for_recovery_once(
    surveys: Surveys, kind: str, calls: int
) -> None:
    question = "result" if kind == "complaint" else "overall"
    path = await answered(surveys, {question: 5, "solved": True}, kind=kind)
    boss = await supervisor(surveys)
    assert await surveys.said("survey.low_score") == []
    for level in (1, 4, 2):
        answer = await boss.post(f"{path}/restate", correction(**{question: level}))
        assert answer.status_code == 200, answer.text
    assert len(await surveys.said("survey.low_score")) == calls
    sequences = [
        one.sequence
        for one in await surveys.said("survey.completed", "survey.low_score")
        + await surveys.said("survey.response_restated")
    ]
    assert len(set(sequences)) == len(sequences) == 4 + calls


@pytest.mark.parametrize(
    ("answers", "pointer", "code"),
    [
        ({"result": None}, "/answers/result", "required"),
        ({"result": 6}, "/answers/result", "out_of_range"),
        ({"result": True}, "/answers/result", "wrong_type"),
        ({"comment": 1}, "/answers/comment", "unknown_question"),
        ({"nonsense": 1}, "/answers/nonsense", "unknown_question"),
    ],
)
async def test_a_wrong_correction_is_named_and_changes_nothing(
    surveys: Surveys, answers: dict[str, Any], pointer: str, code: str
) -> None:
    path = await answered(surveys, FIRST)
    boss = await supervisor(surveys)
    refused = await boss.post(f"{path}/restate", correction(**answers))
    assert (refused.status_code, refused.json()["code"]) == (422, "answers_invalid")
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [(pointer, code)]
    words = await boss.post(f"{path}/restate", correction(comment="换一种说法"))
    assert words.status_code == 422
    assert (await boss.get(path)).json()["former"] == []
    assert await restated(surveys) == []


async def test_of_many_corrections_at_once_each_sees_the_one_before(surveys: Surveys) -> None:
    path = await answered(surveys, FIRST)
    boss = await supervisor(surveys)
    answers = await asyncio.gather(
        *(boss.post(f"{path}/restate", correction(result=level)) for level in (3, 4, 3, 4, 5))
    )
    shown = (await boss.get(path)).json()
    taken = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [one["version"] for one in shown["former"]] == list(range(1, len(taken) + 1))
    assert shown["version"] == len(taken) + 1
    assert len(await restated(surveys)) == len(taken)

    stale = await boss.client.post(
        f"{path}/restate",
        json=correction(result=1),
        headers={"If-Match": '"1"', "Idempotency-Key": "stale-call"},
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


async def test_only_who_leads_the_team_restates_and_a_stranger_learns_nothing(
    surveys: Surveys,
) -> None:
    path = await answered(surveys, FIRST)
    agent = await surveys.people.staff(Role.AGENT, units=[TEAM])
    stranger = await surveys.people.staff(Role.SUPERVISOR, units=[new_id()])
    for verb, body in (("restate", correction(result=5)), ("withdraw", {"reason": "other_ticket"})):
        assert (await agent.post(f"{path}/{verb}", body)).status_code == 403
        hidden = await stranger.post(f"{path}/{verb}", body)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "response_not_found")
    assert (await agent.get(path)).status_code == 200
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get(PATH)).json()["data"] == []
    assert (await surveys.people.customer().get(path)).status_code == 403
    assert await restated(surveys) == []


async def test_answers_are_listed_page_by_page_the_latest_first(surveys: Surveys) -> None:
    paths = [await answered(surveys, FIRST | {"recommend": n}) for n in range(3)]
    boss = await supervisor(surveys)
    first = (await boss.get(PATH, params={"limit": 2})).json()
    rest = (await boss.get(PATH, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    listed = [UUID(one["id"]) for one in first["data"] + rest["data"]]
    assert [f"{PATH}/{one}" for one in listed] == paths[::-1]
    assert rest["next_cursor"] is None
