"""What many answers to one question come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from services.surveys.questionnaires.rules import NPS_MAX, Question
from services.surveys.questionnaires.vocabulary import QuestionType

Value = int | bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How often an answer was given; `share` is null over nothing."""

    value: Value
    n: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """The answers to a question; mean and sample deviation belong to levels and 0 to 10 only."""

    n: int
    mean: float | None
    deviation: float | None
    tallies: tuple[Tally, ...]


def result_of(question: Question, counts: Mapping[Value, int]) -> Result:
    """Return what the answers come to; what nobody chose stands there with 0.

    An answer that only an earlier version of the question offered counts too.
    """
    n = sum(counts.values())
    offered = _offered(question)
    values = [*offered, *sorted(set(counts) - set(offered))]
    mean, deviation = (None, None)
    if question.type is not QuestionType.YES_NO:
        mean, deviation = _mean(counts, n), _deviation(counts, n)
    tallies = (
        Tally(value, counts.get(value, 0), counts.get(value, 0) / n if n else None)
        for value in values
    )
    return Result(n, mean, deviation, tuple(tallies))


def _offered(question: Question) -> list[Value]:
    if question.type is QuestionType.YES_NO:
        return [True, False]
    if question.type is QuestionType.NPS:
        return list(range(NPS_MAX + 1))
    return list(range(1, len(question.labels) + 1))


def _mean(counts: Mapping[Value, int], n: int) -> float | None:
    return sum(value * times for value, times in counts.items()) / n if n else None


def _deviation(counts: Mapping[Value, int], n: int) -> float | None:
    """Return the sample standard deviation; in whole numbers up to the end, so nothing cancels."""
    if n <= 1:
        return None
    total = sum(value * times for value, times in counts.items())
    squares = sum(value * value * times for value, times in counts.items())
    return sqrt((n * squares - total * total) / (n * (n - 1)))
