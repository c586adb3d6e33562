"""What keeps a questionnaire from being used, found before anybody is asked."""

import re
from collections import Counter
from collections.abc import Iterator

from services.surveys.questionnaires.rules import Bilingual, Question, Questionnaire
from services.surveys.questionnaires.vocabulary import Language, Metric, QuestionType

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Names of questionnaires and questions stand in addresses, forms and columns of exports."""

LABELS_OF = {
    QuestionType.SCALE: (2, 7),  # eight buttons in a row of 320 px are narrower than a finger
    QuestionType.YES_NO: (2, 2),
    QuestionType.NPS: (2, 2),
    QuestionType.TEXT: (0, 0),
}

LONGEST_ANSWER = 5_000
"""In characters; whoever has more to say files a complaint, which holds 20,000."""

CSAT_LEVELS = 5

TYPE_OF = {
    Metric.SATISFACTION: QuestionType.SCALE,
    Metric.SOLVED: QuestionType.YES_NO,
    Metric.CONTACTED_AGAIN: QuestionType.YES_NO,
    Metric.NPS: QuestionType.NPS,
}


def faults(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return what keeps a questionnaire from being used, one sentence each; empty is good."""
    return tuple(_faults(questionnaire))


def _faults(form: Questionnaire) -> Iterator[str]:
    if not NAME.fullmatch(form.code):
        yield f"{form.code!r} is no name for a questionnaire"
    if form.minutes < 1:
        yield "minutes must be at least 1"
    if not form.questions:
        yield "there is no question"
    for name, text in (("title", form.title), ("subject", form.subject)):
        yield from _untranslated(name, text)
    yield from _doubles(form)
    for question in form.questions:
        for fault in _question_faults(question):
            yield f"{question.qid}: {fault}"


def _doubles(form: Questionnaire) -> Iterator[str]:
    for qid, times in Counter(one.qid for one in form.questions).items():
        if times > 1:
            yield f"{qid}: {times} questions have this qid"
    for metric, times in Counter(one.metric for one in form.questions if one.metric).items():
        if times > 1:
            yield f"{times} questions feed {metric}"
    if form.bound_to(Metric.SOLVED) and form.bound_to(Metric.CONTACTED_AGAIN):
        yield "solved and contacted_again both say whether it is solved"


def _question_faults(question: Question) -> Iterator[str]:
    if not NAME.fullmatch(question.qid):
        yield "this is no name for a question"
    if not NAME.fullmatch(question.dimension):
        yield f"{question.dimension!r} is no name for a dimension"
    yield from _untranslated("text", question.text)
    if question.help:
        yield from _untranslated("help", question.help)
    for label in question.labels:
        yield from _untranslated("a label", label)
    yield from _type_faults(question)


def _type_faults(question: Question) -> Iterator[str]:
    fewest, most = LABELS_OF[question.type]
    if not fewest <= len(question.labels) <= most:
        yield f"{question.type} has {fewest} to {most} labels, not {len(question.labels)}"
    if (question.max_length is not None) != (question.type is QuestionType.TEXT):
        yield "a text has a max_length, nothing else has"
    if question.max_length is not None and not 1 <= question.max_length <= LONGEST_ANSWER:
        yield f"max_length must be 1 to {LONGEST_ANSWER}"
    if question.metric and question.type is not TYPE_OF[question.metric]:
        yield f"{question.metric} needs {TYPE_OF[question.metric]}, not {question.type}"
    if question.metric is Metric.SATISFACTION and len(question.labels) != CSAT_LEVELS:
        yield f"satisfaction has {CSAT_LEVELS} levels"


def _untranslated(name: str, text: Bilingual) -> Iterator[str]:
    for language in Language:
        if not text.in_language(language).strip():
            yield f"{name} is missing in {language}"
