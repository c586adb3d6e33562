"""Which questionnaires are good, which answers they take, and what the answers mean."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.questionnaires.documents import (
    QuestionnaireInvalidError,
    read_questionnaire,
    write_questionnaire,
)
from services.surveys.questionnaires.fault_rules import faults
from services.surveys.questionnaires.rules import (
    Question,
    Questionnaire,
    Scores,
    check_answers,
    is_low,
    score,
    tidy,
)
from services.surveys.questionnaires.shipped import SHIPPED, code_for, shipped
from services.surveys.questionnaires.vocabulary import AnswerProblem, QuestionType

COMPLAINT, FOLLOWUP, RECOVERY = (shipped(code) for code in SHIPPED)

WRITABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")


def good_answer(question: Question) -> st.SearchStrategy[Any]:
    match question.type:
        case QuestionType.SCALE:
            return st.integers(1, len(question.labels))
        case QuestionType.YES_NO:
            return st.booleans()
        case QuestionType.NPS:
            return st.integers(0, 10)
        case QuestionType.TEXT:
            return st.text(WRITABLE, min_size=1, max_size=40)


@st.composite
def good_answers(draw: st.DrawFn) -> tuple[Questionnaire, dict[str, Any]]:
    form = draw(st.sampled_from([COMPLAINT, FOLLOWUP, RECOVERY]))
    return form, {
        one.qid: draw(good_answer(one))
        for one in form.questions
        if one.required or draw(st.booleans())
    }


ONE_VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text("a字\x00\ud800 \n😀", max_size=9)
)
JSON_VALUES = ONE_VALUE | st.lists(ONE_VALUE, max_size=2) | st.fixed_dictionaries({"a": ONE_VALUE})


@given(
    st.sampled_from([COMPLAINT, FOLLOWUP, RECOVERY]),
    st.dictionaries(st.sampled_from(["result", "solved", "comment", "else"]), JSON_VALUES),
)
def test_whatever_is_sent_what_is_accepted_can_be_counted(
    form: Questionnaire, sent: dict[str, Any]
) -> None:
    answers = tidy(sent)
    if check_answers(form, answers) == {}:
        scores = score(form, answers)
        assert scores.satisfaction in {None, 1, 2, 3, 4, 5}
        assert scores.solved in {None, True, False}
        "".join(a for a in answers.values() if isinstance(a, str)).encode()


@given(good_answers(), st.data())
def test_a_required_question_left_out_is_named_and_no_other(
    given: tuple[Questionnaire, dict[str, Any]], data: st.DataObject
) -> None:
    form, answers = given
    missing = data.draw(st.sampled_from([one.qid for one in form.questions if one.required]))
    del answers[missing]
    assert check_answers(form, answers) == {missing: AnswerProblem.REQUIRED}


@pytest.mark.parametrize(
    ("qid", "answer", "problem"),
    [
        ("result", 0, "out_of_range"),
        ("result", 6, "out_of_range"),
        ("result", True, "wrong_type"),
        ("result", "5", "wrong_type"),
        ("result", 4.0, "wrong_type"),
        ("result", float("nan"), "wrong_type"),
        ("recommend", -1, "out_of_range"),
        ("recommend", 11, "out_of_range"),
        ("recommend", 10**30, "out_of_range"),
        ("solved", 1, "wrong_type"),
        ("solved", "yes", "wrong_type"),
        ("comment", "字" * 1001, "too_long"),
        ("comment", "a\x00b", "not_storable"),
        ("comment", "\ud83d", "not_storable"),
        ("comment", ["a"], "wrong_type"),
        ("nobody_asked", 1, "unknown_question"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_reason(qid: str, answer: Any, problem: str) -> None:
    answers = {"result": 4, "solved": True, qid: answer}
    assert check_answers(COMPLAINT, answers) == {qid: problem}


def test_the_longest_text_counts_characters_not_bytes_or_halves() -> None:
    answers = {"result": 4, "solved": True}
    assert check_answers(COMPLAINT, {**answers, "comment": "😀" * 1000}) == {}
    assert check_answers(COMPLAINT, {**answers, "comment": "字" * 1000}) == {}


def test_blank_answers_are_no_answers() -> None:
    assert tidy({"comment": " \n\u3000", "solved": None, "result": 3}) == {"result": 3}
    assert tidy({"comment": " 好 \n", "solved": False}) == {"comment": "好", "solved": False}


def test_a_complaint_is_scored_by_its_result_and_whether_it_is_solved() -> None:
    answers = {"result": 2, "solved": False, "fairness": 5, "recommend": 0}
    assert score(COMPLAINT, answers) == Scores(satisfaction=2, nps=0, solved=False)


def test_other_tickets_are_solved_when_nobody_had_to_contact_us_again() -> None:
    again = {"overall": 5, "contacted_again": True, "recommend": 10}
    assert score(FOLLOWUP, again) == Scores(satisfaction=5, nps=10, solved=False)
    assert score(FOLLOWUP, again | {"contacted_again": False}).solved is True
    assert score(FOLLOWUP, {"overall": 4}) == Scores(satisfaction=4)


@pytest.mark.parametrize(
    ("satisfaction", "nps", "solved", "low"),
    [
        (1, None, None, True),
        (2, 10, True, True),
        (3, 0, True, False),
        (5, 10, False, True),
        (None, 0, None, False),
        (None, None, False, True),
        (5, 6, None, False),
        (None, None, None, False),
    ],
)
def test_recovery_opens_for_the_dissatisfied_and_the_unsolved_never_for_nps_alone(
    *, satisfaction: int | None, nps: int | None, solved: bool | None, low: bool
) -> None:
    assert is_low(Scores(satisfaction, nps, solved)) is low


def test_complaints_are_asked_about_their_handling_and_all_else_in_short() -> None:
    assert code_for("complaint") == "complaint_handling_v1"
    assert {code_for(kind) for kind in ("consultation", "repair", "win_back")} == {
        "ticket_followup_v1"
    }
    assert [(q.type, len(q.labels)) for q in COMPLAINT.questions] == [
        *[("scale", 5)] * 5,
        *[("yes_no", 2)] * 2,
        ("scale", 5),
        ("nps", 2),
        ("text", 0),
    ]
    assert [q.qid for q in FOLLOWUP.questions if q.required] == ["overall", "contacted_again"]
    assert code_for("recovery") == "recovery_check_v1"
    assert [(q.type, q.metric, q.required) for q in RECOVERY.questions] == [
        ("scale", "satisfaction", True),
        ("yes_no", "solved", True),
    ]


@pytest.mark.parametrize("code", SHIPPED)
def test_a_shipped_questionnaire_survives_writing_and_reading(code: str) -> None:
    assert read_questionnaire(write_questionnaire(shipped(code))) == shipped(code)


Change = Callable[[dict[str, Any]], Any]

BROKEN: dict[str, tuple[Change, str]] = {
    "a missing translation": (lambda d: d["title"].pop("en"), "title.en"),
    "a blank translation": (lambda d: d["questions"][0]["text"].update(zh=" "), "missing in zh"),
    "two questions with one qid": (lambda d: d["questions"][1].update(qid="result"), "2 questions"),
    "two primary metrics": (
        lambda d: d["questions"][1].update(metric="satisfaction"),
        "2 questions feed satisfaction",
    ),
    "solved said twice": (
        lambda d: d["questions"][5].update(metric="contacted_again"),
        "both say whether it is solved",
    ),
    "a metric on a wrong type": (lambda d: d["questions"][1].update(metric="nps"), "nps needs nps"),
    "satisfaction of four levels": (lambda d: d["questions"][0]["labels"].pop(), "has 5 levels"),
    "a scale of eight": (
        lambda d: d["questions"][1].update(labels=[d["title"]] * 8),
        "has 2 to 7 labels, not 8",
    ),
    "a text without an end": (lambda d: d["questions"][9].pop("max_length"), "max_length"),
    "an unknown member": (lambda d: d.update(colour="red"), "colour"),
    "an unknown type": (lambda d: d["questions"][0].update(type="matrix"), "questions.0.type"),
    "a qid that is markup": (lambda d: d["questions"][0].update(qid="a b"), "no name"),
    "a number as text": (lambda d: d.update(minutes="2"), "minutes"),
    "no time at all": (lambda d: d.update(minutes=0), "minutes"),
    "no question": (lambda d: d.update(questions=[]), "no question"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_questionnaire_is_refused_for(name: str) -> None:
    change, sentence = BROKEN[name]
    document = json.loads(write_questionnaire(COMPLAINT))
    change(document)
    with pytest.raises(QuestionnaireInvalidError, match=sentence):
        read_questionnaire(json.dumps(document))


def test_all_faults_are_told_at_once() -> None:
    first, *others = COMPLAINT.questions
    broken = replace(COMPLAINT, minutes=0, questions=(replace(first, labels=()), *others))
    assert len(faults(broken)) == 3
