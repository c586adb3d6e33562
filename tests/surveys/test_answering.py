"""A survey is answered once, by whoever has its link, and by nobody else."""

import asyncio
import json
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import select, text

from services.surveys.responses.tables import responses
from shared.auth.actor import Role
from shared.clock import utcnow
from shared.ids import new_id
from tests.support.people import VAULT, Person
from tests.surveys.conftest import Surveys, closed

GOOD = {"result": 5, "solved": True, "recommend": 10, "comment": "师傅很细心,谢谢。"}
BAD = {"result": 1, "solved": False, "recommend": 0}


def anybody(surveys: Surveys) -> Person:
    return surveys.people.bearing(new_id(), None)


async def test_two_phones_that_answer_at_once_give_one_answer(surveys: Surveys) -> None:
    path = f"/api/v1/public/surveys/{await surveys.invited()}"
    phone = anybody(surveys)

    answers = await asyncio.gather(
        *(phone.post(path, {"answers": given}) for given in (GOOD, BAD) * 5)
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "survey_answered"
    assert len(await surveys.said("survey.completed")) == 1
    async with surveys.database.transaction() as session:
        assert len((await session.execute(select(responses))).all()) == 1


async def test_an_answer_is_told_with_its_scores_and_its_words_are_sealed(
    surveys: Surveys,
) -> None:
    path = f"/api/v1/public/surveys/{await surveys.invited()}"

    answer = await anybody(surveys).post(path, {"answers": GOOD})

    assert answer.json() == {"completed": True, "callback_offered": False}
    (said,) = await surveys.said("survey.completed", "survey.low_score")
    told = {name: said.data[name] for name in ("satisfaction", "nps", "solved", "low")}
    assert told == {"satisfaction": 5, "nps": 10, "solved": True, "low": False}
    assert "师傅" not in str(said.data)
    async with surveys.database.transaction() as session:
        (row,) = await session.execute(select(responses))
    assert row.answers == {"result": 5, "solved": True, "recommend": 10}
    words = json.loads(VAULT.decrypt(row.texts_sealed, context=f"response:{row.id}"))
    assert words == {"comment": GOOD["comment"]}


@pytest.mark.feature("S-55")
@pytest.mark.parametrize(
    ("given", "low"),
    [
        ({"result": 2, "solved": True, "recommend": 10}, True),
        ({"result": 5, "solved": False, "recommend": 10}, True),
        ({"result": 3, "solved": True, "recommend": 0}, False),
    ],
)
async def test_recovery_is_called_for_by_satisfaction_and_solution_not_by_nps_alone(
    surveys: Surveys, given: dict[str, int], *, low: bool
) -> None:
    path = f"/api/v1/public/surveys/{await surveys.invited()}"
    customer = anybody(surveys)

    answer = await customer.post(path, {"answers": given})

    again = await customer.post(path, {"answers": given})

    assert answer.json()["callback_offered"] is low
    assert again.status_code == 409
    assert len(await surveys.said("survey.completed")) == 1
    assert len(await surveys.said("survey.low_score")) == int(low)
    call = await customer.post(f"{path}/callback", {"time": "evening"})
    assert call.status_code == (200 if low else 409)


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"solved": True}, "/answers/result", "required"),
        (GOOD | {"result": 6}, "/answers/result", "out_of_range"),
        (GOOD | {"result": True}, "/answers/result", "wrong_type"),
        (GOOD | {"recommend": -1}, "/answers/recommend", "out_of_range"),
        (GOOD | {"nonsense": 1}, "/answers/nonsense", "unknown_question"),
        (GOOD | {"comment": "\x00"}, "/answers/comment", "not_storable"),
        (GOOD | {"comment": "\ud800"}, "/answers/comment", "not_storable"),
        (GOOD | {"comment": "长" * 1001}, "/answers/comment", "too_long"),
    ],
)
async def test_a_wrong_answer_is_named_and_nothing_is_stored(
    surveys: Surveys, given: dict[str, object], pointer: str, code: str
) -> None:
    path = f"/api/v1/public/surveys/{await surveys.invited()}"

    refused = await anybody(surveys).post(path, {"answers": given})

    assert refused.status_code == 422
    assert refused.json()["code"] == "answers_invalid"
    assert {"pointer": pointer, "code": code} in [
        {"pointer": error["pointer"], "code": error["code"]} for error in refused.json()["errors"]
    ]
    assert await surveys.said("survey.completed") == []
    assert (await anybody(surveys).post(path, {"answers": GOOD})).status_code == 201


@pytest.mark.parametrize("origin", ["live", "demo"])
async def test_words_are_handed_on_in_a_letter_that_only_its_reader_can_open(
    surveys: Surveys, origin: str
) -> None:
    await surveys.hear(closed(origin=origin))
    await surveys.send()
    path = f"/api/v1/public/surveys/{await surveys.token()}"

    given = {"answers": BAD | {"comment": "  问题还在  "}, "language": "en"}
    answers = [await anybody(surveys).post(path, given) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]
    (letter,) = await surveys.said("survey.comment_given")
    assert (letter.recipient, letter.origin) == ("feedback", origin)
    assert "问题" not in json.dumps(letter.data, ensure_ascii=False)
    read = json.loads(VAULT.open_letter("feedback", letter.data))
    (completed,) = await surveys.said("survey.completed")
    assert (read["comments"], read["language"]) == ({"comment": "问题还在"}, "en")
    assert (read["satisfaction"], read["nps"], read["low"]) == (1, 0, True)
    assert read["response_id"] == completed.data["response_id"]
    assert read["ticket_id"] == completed.data["ticket_id"]


async def test_who_writes_nothing_sends_no_letter(surveys: Surveys) -> None:
    path = f"/api/v1/public/surveys/{await surveys.invited()}"
    await anybody(surveys).post(path, {"answers": GOOD | {"comment": "   "}})
    assert await surveys.said("survey.comment_given") == []


async def test_unknown_expired_and_foreign_links_answer_alike(surveys: Surveys) -> None:
    token = await surveys.invited()
    await surveys.age(timedelta(days=8))
    visitor = anybody(surveys)

    pages, problems = set(), set()
    for link in (token, "kV3nQ0xw8J2b4c6d8e0f1A", "x", "%F0%9F%98%80", "a" * 99):
        page = await visitor.get(f"/s/{link}")
        pages.add((page.status_code, page.text))
        problem = await visitor.get(f"/api/v1/public/surveys/{link}")
        problems.add((problem.status_code, problem.json()["code"], problem.json()["detail"]))

    assert [status for status, _ in pages] == [404]
    assert problems == {(404, "survey_not_found", "The link opens nothing, or no more.")}


async def test_looking_changes_nothing(surveys: Surveys) -> None:
    token = await surveys.invited()
    visitor = anybody(surveys)

    for _ in range(3):
        await visitor.get(f"/s/{token}")
        await visitor.get(f"/api/v1/public/surveys/{token}")

    (row,) = await surveys.rows()
    assert (row.state, row.opened_at) == ("sent", None)
    assert (await visitor.post(f"/api/v1/public/surveys/{token}/opened")).status_code == 204
    (row,) = await surveys.rows()
    assert row.opened_at is not None


async def test_the_page_works_without_script(surveys: Surveys) -> None:
    token = await surveys.invited()
    visitor = anybody(surveys)
    form = {"result": "1", "solved": "no", "recommend": "3", "comment": "问题还在"}

    wrong = await visitor.client.post(f"/s/{token}", data=form | {"result": ""})
    taken = await visitor.client.post(f"/s/{token}", data=form)
    again = await visitor.client.post(f"/s/{token}", data=form)
    thanks = await visitor.get(f"/s/{token}")

    assert (wrong.status_code, "问题还在" in wrong.text) == (422, True)
    assert (taken.status_code, taken.headers["location"]) == (303, f"/s/{token}?lang=zh")
    assert again.status_code == 303
    assert len(await surveys.said("survey.completed")) == 1
    assert f"/s/{token}/callback" in thanks.text
    assert thanks.headers["referrer-policy"] == "no-referrer"
    assert "unsafe-inline" not in thanks.headers["content-security-policy"]
    unticked = await visitor.client.post(f"/s/{token}/callback", data={"time": "morning"})
    assert unticked.status_code == 422
    called = await visitor.client.post(
        f"/s/{token}/callback", data={"callback": "yes", "time": "morning"}
    )
    assert called.status_code == 303
    async with surveys.database.transaction() as session:
        (row,) = await session.execute(select(responses))
    assert row.callback_time == "morning"


async def test_a_published_version_never_changes(surveys: Surveys) -> None:
    for statement in (
        "UPDATE questionnaire_versions SET document = '{}'",
        "DELETE FROM questionnaire_versions",
    ):
        with pytest.raises(Exception, match="never changes") as refused:
            async with surveys.database.transaction() as session:
                await session.execute(text(statement))
        cause = getattr(refused.value, "orig", None)
        assert getattr(cause, "sqlstate", None) == asyncpg.RestrictViolationError.sqlstate

    async with surveys.database.transaction() as session:
        assert surveys.service.seed is not None
        await surveys.service.seed(session, utcnow())
    reader = await surveys.people.staff(Role.MANAGER)
    found = (await reader.get("/api/v1/questionnaires")).json()["data"]
    assert [(one["code"], one["version"]) for one in found] == [
        ("complaint_handling_v1", 1),
        ("recovery_check_v1", 1),
        ("ticket_followup_v1", 1),
    ]


async def test_a_wish_to_be_called_is_seen_by_whoever_works_there(surveys: Surveys) -> None:
    team, other = new_id(), new_id()
    token = await surveys.invited(org_unit_id=team, org_path=[team])
    path = f"/api/v1/public/surveys/{token}"
    await anybody(surveys).post(path, {"answers": BAD})
    mine = await surveys.people.staff(Role.AGENT, units=[team])
    stranger = await surveys.people.staff(Role.AGENT, units=[other])

    assert (await mine.get("/api/v1/callbacks")).json()["data"] == []
    for time in ("morning", "evening", "evening"):
        await anybody(surveys).post(f"{path}/callback", {"time": time})
    told = await surveys.said("survey.callback_wanted")
    assert [one.data["callback_time"] for one in told] == ["morning", "evening"]
    assert [one.sequence for one in told] == [4, 5]  # invited, completed, low score before

    (wish,) = (await mine.get("/api/v1/callbacks")).json()["data"]
    assert (wish["callback_time"], wish["satisfaction"], wish["solved"]) == ("evening", 1, False)
    assert (await stranger.get("/api/v1/callbacks")).json()["data"] == []
    assert (await surveys.people.customer().get("/api/v1/callbacks")).status_code == 403
