"""What a browser posts, read as answers; whatever cannot be read stays for `check_answers`."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.surveys.questionnaires.rules import Question, Questionnaire, tidy
from services.surveys.questionnaires.vocabulary import QuestionType
from services.surveys.responses.vocabulary import CallbackTime

YES_NO: Final[Mapping[str, bool]] = {"yes": True, "no": False}

LONGEST_NUMBER = 3
"""Digits; longer ones are no answer of any question, and a very long one is slow to read."""


def read_answers(questionnaire: Questionnaire, fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return tidy answers by qid; of a field sent twice the last counts, unknown ones are left."""
    sent = dict(fields)
    return tidy(
        {
            question.qid: _answer(question, sent[question.qid])
            for question in questionnaire.questions
            if question.qid in sent
        }
    )


def _answer(question: Question, text: str) -> Any:
    if question.type is QuestionType.TEXT:
        return text.replace("\r\n", "\n").replace("\r", "\n")  # browsers send CRLF and count LF
    if question.type is QuestionType.YES_NO:
        return YES_NO.get(text, text)
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else text


def read_callback(fields: Iterable[tuple[str, str]]) -> CallbackTime | None:
    """Return when to call; None when the box is not ticked. An unknown time is any time."""
    sent = dict(fields)
    if sent.get("callback") != "yes":
        return None
    chosen = sent.get("time", "")
    return CallbackTime(chosen) if chosen in set(CallbackTime) else CallbackTime.ANY_TIME
