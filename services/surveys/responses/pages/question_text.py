"""A question as the template shows it: everything said, nothing left to decide."""

from dataclasses import dataclass
from typing import Any

from services.surveys.questionnaires.rules import NPS_MAX, Question
from services.surveys.questionnaires.vocabulary import AnswerProblem, Language, QuestionType
from services.surveys.responses.pages.view import SurveyView
from services.surveys.responses.pages.words import PROBLEMS, REQUIRED_OF


@dataclass(frozen=True, slots=True)
class Choice:
    """One button; `face` is what stands large on it, `label` what it means."""

    value: str
    face: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class QuestionText:
    """One card of the form; `described_by` ties help and error to the control."""

    qid: str
    number: int
    type: QuestionType
    text: str
    help: str
    required: bool
    choices: tuple[Choice, ...]
    ends: tuple[str, str] | None
    written: str
    limit: int | None
    error: str
    if_missing: str
    described_by: str


def question_text(view: SurveyView, number: int) -> QuestionText:
    """Return the question with this number (from 1) as it is shown."""
    question, language = view.questionnaire.questions[number - 1], view.language
    answer, problem = view.answers.get(question.qid), view.problems.get(question.qid)
    is_text = question.type is QuestionType.TEXT
    help_id = f"{question.qid}-help " if question.help else ""
    return QuestionText(
        qid=question.qid,
        number=number,
        type=question.type,
        text=question.text.in_language(language),
        help=question.help.in_language(language) if question.help else "",
        required=question.required,
        choices=_choices(question, answer, language),
        ends=_ends(question, language),
        written=_showable(answer) if is_text and isinstance(answer, str) else "",
        limit=question.max_length,
        error=_error(question, answer, problem, language),
        if_missing=REQUIRED_OF[question.type].in_language(language) if question.required else "",
        described_by=f"{help_id}{question.qid}-error",
    )


def _showable(text: str) -> str:
    """Return the text without the characters that an answer in UTF-8 cannot carry."""
    return text.encode("utf-8", "ignore").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _choices(question: Question, answer: Any, language: Language) -> tuple[Choice, ...]:
    labels = [label.in_language(language) for label in question.labels]
    match question.type:
        case QuestionType.SCALE:
            return tuple(
                Choice(str(level), str(level), label, _same(answer, level))
                for level, label in enumerate(labels, start=1)
            )
        case QuestionType.NPS:
            meaning = {0: labels[0], NPS_MAX: labels[1]}
            return tuple(
                Choice(str(n), str(n), meaning.get(n, ""), _same(answer, n))
                for n in range(NPS_MAX + 1)
            )
        case QuestionType.YES_NO:
            yes, no = labels
            return (
                Choice("yes", yes, "", answer is True),
                Choice("no", no, "", answer is False),
            )
        case QuestionType.TEXT:
            return ()


def _same(answer: Any, level: int) -> bool:
    return not isinstance(answer, bool) and answer == level


def _ends(question: Question, language: Language) -> tuple[str, str] | None:
    if question.type not in {QuestionType.SCALE, QuestionType.NPS}:
        return None
    low, high = (question.labels[i].in_language(language) for i in (0, -1))
    is_nps = question.type is QuestionType.NPS
    return (f"0 {low}", f"{NPS_MAX} {high}") if is_nps else (low, high)


def _error(
    question: Question, answer: Any, problem: AnswerProblem | None, language: Language
) -> str:
    if problem is None:
        return ""
    if problem is AnswerProblem.REQUIRED:
        return REQUIRED_OF[question.type].in_language(language)
    length = len(answer) if isinstance(answer, str) else 0
    text = PROBLEMS[problem].in_language(language)
    return text.format(most=question.max_length, now=length)
