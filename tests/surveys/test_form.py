"""What browsers post, and what other programs post to the same door."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.questionnaires.rules import check_answers
from services.surveys.questionnaires.shipped import shipped
from services.surveys.questionnaires.vocabulary import Language
from services.surveys.responses.pages.form import read_answers, read_callback
from services.surveys.responses.pages.language import chosen_language

COMPLAINT = shipped("complaint_handling_v1")


def test_a_form_is_read_as_its_questions_mean_it() -> None:
    fields = [
        ("result", "4"),
        ("solved", "no"),
        ("recommend", "0"),
        ("comment", " 第一行\r\n第二行 "),
        ("utm_source", "wechat"),
    ]
    assert read_answers(COMPLAINT, fields) == {
        "result": 4,
        "solved": False,
        "recommend": 0,
        "comment": "第一行\n第二行",
    }


@pytest.mark.parametrize("text", ["4.0", "+4", "four", "٤", "４", "9" * 5000, "true", "-1"])
def test_what_is_no_number_of_ours_is_refused_not_guessed(text: str) -> None:
    answers = read_answers(COMPLAINT, [("result", text), ("solved", text)])
    assert check_answers(COMPLAINT, answers) == {"result": "wrong_type", "solved": "wrong_type"}


@given(st.lists(st.tuples(st.sampled_from(["result", "solved", "comment"]), st.text(max_size=9))))
def test_whatever_is_posted_is_read_without_an_error(fields: list[tuple[str, str]]) -> None:
    answers = read_answers(COMPLAINT, fields)
    assert set(answers) <= {name for name, _ in fields}
    check_answers(COMPLAINT, answers)


def test_a_call_is_wanted_only_when_the_box_is_ticked() -> None:
    assert read_callback([("time", "morning")]) is None
    assert read_callback([("callback", "yes"), ("time", "morning")]) == "morning"
    assert read_callback([("callback", "yes"), ("time", "midnight")]) == "any_time"
    assert read_callback([("callback", "yes")]) == "any_time"


@pytest.mark.parametrize(
    ("asked", "header", "language"),
    [
        ("en", "zh-CN", Language.EN),
        ("zh", "en-GB", Language.ZH),
        (None, "en-GB,en;q=0.9,zh;q=0.8", Language.EN),
        (None, "fr, zh;q=0.5", Language.ZH),
        (None, "de", Language.ZH),
        (None, None, Language.ZH),
        ("xx", "en", Language.EN),
    ],
)
def test_chinese_comes_first_english_when_asked_for(
    asked: str | None, header: str | None, language: Language
) -> None:
    assert chosen_language(asked, header) is language
