"""What proposals and importance go by, as front-ends see and send it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.feedback.items.proposal_queries import Judged
from services.feedback.items.rule_queries import KeptKeyword
from services.feedback.items.vocabulary import ImportanceReason, KeywordTarget, Sentiment
from shared.statistics.shares import wilson
from shared.texts import Line, RequestModel, example


class KeywordsIn(RequestModel):
    """Words that speak for a value: a category's code, a sentiment, a unit's id, or safety."""

    model_config = example(target="category", value="response_speed", words=["没人联系", "等了"])

    target: KeywordTarget
    value: Line
    words: Annotated[list[Line], Field(min_length=1, max_length=100)]


class KeywordOut(BaseModel):
    """A word in use."""

    id: UUID
    target: KeywordTarget
    value: str
    word: str
    valid_from: datetime


class Keywords(BaseModel):
    """Words in use, by target, value and word."""

    data: list[KeywordOut]


class FeedbackProposal(BaseModel):
    """What the words said on arrival, `matched` being those found, and what a person said last."""

    category: str | None
    sentiment: Sentiment | None
    department: UUID | None
    matched: list[str]
    decided_at: datetime | None
    decided_category: str | None
    decided_sentiment: Sentiment | None
    decided_department: UUID | None


class ShareInterval(BaseModel):
    """Between which shares the true one lies, with 95 % confidence."""

    low: float
    high: float


class TargetAccuracy(BaseModel):
    """Of `n` proposals that people decided on, `correct` were theirs.

    `abstained` had no proposal; they are not part of the rate.
    """

    target: KeywordTarget
    n: int
    correct: int
    abstained: int
    rate: float | None
    interval: ShareInterval | None


class ClassifierAccuracy(BaseModel):
    """How often people agreed with what was proposed, by what it was about."""

    data: list[TargetAccuracy]


class ImportanceSwitch(RequestModel):
    """Whether a rule counts."""

    model_config = example(active=False)

    active: Annotated[bool, Field(strict=True)]


class ImportanceRuleOut(BaseModel):
    """A rule, and whether it counts."""

    rule: ImportanceReason
    active: bool


class ImportanceRules(BaseModel):
    """Everything that may make feedback important."""

    data: list[ImportanceRuleOut]


def keywords_out(kept: Iterable[KeptKeyword]) -> Keywords:
    """Return words as they are shown."""
    return Keywords(data=[KeywordOut.model_validate(one, from_attributes=True) for one in kept])


def proposal_out(row: Any) -> FeedbackProposal:
    """Return a proposal as it is shown."""
    return FeedbackProposal.model_validate(row, from_attributes=True)


def accuracy_out(found: Mapping[KeywordTarget, Judged]) -> ClassifierAccuracy:
    """Return how often people agreed."""
    return ClassifierAccuracy(data=[_accuracy(target, one) for target, one in found.items()])


def rules_out(in_force: Collection[ImportanceReason]) -> ImportanceRules:
    """Return the rules, each with whether it counts."""
    return ImportanceRules(
        data=[ImportanceRuleOut(rule=one, active=one in in_force) for one in ImportanceReason]
    )


def _accuracy(target: KeywordTarget, found: Judged) -> TargetAccuracy:
    interval = wilson(found.correct, found.n)
    return TargetAccuracy(
        target=target,
        n=found.n,
        correct=found.correct,
        abstained=found.abstained,
        rate=found.correct / found.n if found.n else None,
        interval=interval and ShareInterval(low=interval.low, high=interval.high),
    )
