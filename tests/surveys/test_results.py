"""What the answers to a questionnaire come to, and who may see it."""

from collections import Counter
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.invitations.links import token_of
from services.surveys.questionnaires.shipped import shipped
from services.surveys.responses.result_rules import result_of
from shared.auth.actor import Role
from shared.ids import new_id
from tests.support.people import VAULT
from tests.surveys.conftest import Surveys, closed

PATH = "/api/v1/questionnaires/complaint_handling_v1/results"

RESULT, SOLVED = (shipped("complaint_handling_v1").questions[i] for i in (0, 6))


@given(st.lists(st.integers(1, 5)))
def test_mean_deviation_and_shares_are_those_of_the_single_answers(answers: list[int]) -> None:
    result = result_of(RESULT, Counter(answers))

    assert result.n == len(answers)
    assert result.mean == (pytest.approx(fmean(answers)) if answers else None)
    assert result.deviation == (pytest.approx(stdev(answers)) if len(answers) > 1 else None)
    assert [tally.value for tally in result.tallies] == [1, 2, 3, 4, 5]
    assert [tally.n for tally in result.tallies] == [answers.count(level) for level in range(1, 6)]
    shares = [tally.share for tally in result.tallies]
    expected = [answers.count(level) / len(answers) for level in range(1, 6)] if answers else None
    assert shares == (pytest.approx(expected) if expected else [None] * 5)


def test_yes_and_no_have_no_mean_and_what_was_offered_once_is_still_counted() -> None:
    assert result_of(SOLVED, {True: 3, False: 1}).mean is None
    assert [(t.value, t.n) for t in result_of(RESULT, {7: 2, 1: 1}).tallies] == [
        (1, 1),
        (2, 0),
        (3, 0),
        (4, 0),
        (5, 0),
        (7, 2),
    ]


async def test_results_count_every_answer_once_and_for_the_reader_s_own_units(
    surveys: Surveys,
) -> None:
    north, south = new_id(), new_id()
    for unit, level in ((north, 5), (north, 2), (south, 1)):
        await surveys.hear(closed(new_id(), org_unit_id=unit, org_path=[unit]))
        await surveys.send()
        row = next(row for row in await surveys.rows() if row.state == "sent")
        path = f"/api/v1/public/surveys/{token_of(VAULT, row.id, row.token_sealed)}"
        answers = {"answers": {"result": level, "solved": True, "comment": "好"}}
        customer = surveys.people.bearing(new_id(), None)
        assert (await customer.post(path, answers)).status_code == 201
        assert (await customer.post(path, answers)).status_code == 409

    manager = await surveys.people.staff(Role.MANAGER)
    supervisor = await surveys.people.staff(Role.SUPERVISOR, units=[north])
    stranger = await surveys.people.staff(Role.AGENT, units=[new_id()])
    everything, mine, nothing = [
        (await reader.get(PATH)).json() for reader in (manager, supervisor, stranger)
    ]

    assert (everything["n"], mine["n"], nothing["n"]) == (3, 2, 0)
    question = mine["questions"][0]
    assert (question["qid"], question["n"], question["mean"]) == ("result", 2, 3.5)
    assert [one["n"] for one in question["counts"]] == [0, 1, 0, 0, 1]
    assert [one["share"] for one in question["counts"]] == [0, 0.5, 0, 0, 0.5]
    assert nothing["questions"][0] | {"counts": []} == {
        "qid": "result",
        "dimension": "result",
        "n": 0,
        "mean": None,
        "deviation": None,
        "counts": [],
    }
    assert "comment" not in {one["qid"] for one in everything["questions"]}
    assert (await surveys.people.customer().get(PATH)).status_code == 403
    unknown = await manager.get("/api/v1/questionnaires/nobody_asked/results")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "questionnaire_not_found")
