"""What a questionnaire is, which answers it accepts, and what they say about the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from services.surveys.questionnaires.vocabulary import (
    AnswerProblem,
    Language,
    Metric,
    QuestionType,
)

NPS_MAX = 10
LOW_SATISFACTION = 2
"""Of five; from here down recovery opens, a low NPS alone opens none."""

Answer = int | bool | str


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same said in Chinese and in English."""

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the text in this language."""
        return self.en if language is Language.EN else self.zh


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `qid` stays the same over all versions in which it means the same.

    `labels` are, by type: one for each level from the lowest up; yes and no; the two ends 0 and
    10; none. `max_length` counts characters and belongs to texts only.
    """

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    qid: str
    type: QuestionType
    text: Bilingual
    dimension: str
    help: Bilingual | None = None
    required: bool = False
    metric: Metric | None = None
    labels: tuple[Bilingual, ...] = ()
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of a questionnaire; what has been sent out never changes.

    `subject` completes "about your … that ended on …"; `minutes` is how long people need.
    """

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}

    code: str
    title: Bilingual
    subject: Bilingual
    minutes: int
    questions: tuple[Question, ...]

    def bound_to(self, metric: Metric) -> Question | None:
        """Return the question that feeds this metric, if there is one."""
        return next((one for one in self.questions if one.metric is metric), None)


@dataclass(frozen=True, slots=True)
class Scores:
    """What an answer feeds the statistics; None is not asked or not answered."""

    satisfaction: int | None = None
    nps: int | None = None
    solved: bool | None = None


def tidy(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers without those that say nothing, and texts without blank ends."""
    stripped = {
        qid: answer.strip() if isinstance(answer, str) else answer
        for qid, answer in answers.items()
    }
    return {qid: answer for qid, answer in stripped.items() if answer not in (None, "")}


def check_answers(
    questionnaire: Questionnaire, answers: Mapping[str, Any]
) -> dict[str, AnswerProblem]:
    """Return what is wrong with tidy answers, by qid and in the order of the questions.

    Takes whatever JSON can hold; an empty result means that every value is an `Answer`.
    """
    found: dict[str, AnswerProblem] = {}
    for question in questionnaire.questions:
        if question.qid in answers:
            problem = _problem(question, answers[question.qid])
        else:
            problem = AnswerProblem.REQUIRED if question.required else None
        if problem:
            found[question.qid] = problem
    known = {question.qid for question in questionnaire.questions}
    return found | dict.fromkeys(
        (qid for qid in answers if qid not in known), AnswerProblem.UNKNOWN_QUESTION
    )


def _problem(question: Question, answer: Any) -> AnswerProblem | None:
    if question.type is QuestionType.YES_NO:
        return None if isinstance(answer, bool) else AnswerProblem.WRONG_TYPE
    if question.type is QuestionType.TEXT:
        return _text_problem(answer, question.max_length or 0)
    if isinstance(answer, bool) or not isinstance(answer, int):
        return AnswerProblem.WRONG_TYPE
    lowest, highest = (0, NPS_MAX) if question.type is QuestionType.NPS else _levels(question)
    return None if lowest <= answer <= highest else AnswerProblem.OUT_OF_RANGE


def _levels(question: Question) -> tuple[int, int]:
    return 1, len(question.labels)


def _text_problem(answer: Any, max_length: int) -> AnswerProblem | None:
    if not isinstance(answer, str):
        return AnswerProblem.WRONG_TYPE
    if "\x00" in answer or any("\ud800" <= character <= "\udfff" for character in answer):
        return AnswerProblem.NOT_STORABLE  # PostgreSQL holds no NUL, UTF-8 no lone surrogate
    return AnswerProblem.TOO_LONG if len(answer) > max_length else None


def score(questionnaire: Questionnaire, answers: Mapping[str, Answer]) -> Scores:
    """Return what accepted answers feed the statistics."""

    def answer(metric: Metric) -> Answer | None:
        question = questionnaire.bound_to(metric)
        return answers.get(question.qid) if question else None

    satisfaction, nps = answer(Metric.SATISFACTION), answer(Metric.NPS)
    solved, again = answer(Metric.SOLVED), answer(Metric.CONTACTED_AGAIN)
    if solved is None and again is not None:
        solved = not again
    return Scores(
        satisfaction=None if satisfaction is None else int(satisfaction),
        nps=None if nps is None else int(nps),
        solved=None if solved is None else bool(solved),
    )


def is_low(scores: Scores) -> bool:
    """Return whether the answer calls for recovery: CSAT of at most 2 of 5, or not solved."""
    dissatisfied = scores.satisfaction is not None and scores.satisfaction <= LOW_SATISFACTION
    return dissatisfied or scores.solved is False
