"""What makes feedback important: six rules, each of which the organisation may switch off."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from services.feedback.items.vocabulary import (
    FeedbackChannel,
    FeedbackKind,
    Importance,
    ImportanceReason,
    Sentiment,
)

LOW_SCORE: Final = 2
KEY_ACCOUNT: Final = "high_value"


@dataclass(frozen=True, slots=True)
class ImportanceFacts:
    """What is known of an item when it is weighed; `low` is the survey's own word for it."""

    kind: FeedbackKind
    channel: str
    satisfaction: int | None
    low: bool
    grade: str | None
    safety: bool
    public: bool
    sentiment: Sentiment | None


def weigh(
    facts: ImportanceFacts, in_force: Collection[ImportanceReason]
) -> tuple[Importance, tuple[ImportanceReason, ...]]:
    """Return how important something is, and every rule in force that says so."""
    bad = facts.low or (facts.satisfaction is not None and facts.satisfaction <= LOW_SCORE)
    holds = {
        ImportanceReason.COMPLAINT: facts.kind is FeedbackKind.COMPLAINT,
        ImportanceReason.LOW_SCORE: bad,
        ImportanceReason.KEY_ACCOUNT: facts.grade == KEY_ACCOUNT,
        ImportanceReason.SAFETY: facts.safety,
        ImportanceReason.HOTLINE_12345: facts.channel == FeedbackChannel.HOTLINE_12345,
        ImportanceReason.PUBLIC_NEGATIVE_REVIEW: facts.public
        and (bad or facts.sentiment is Sentiment.NEGATIVE),
    }
    reasons = tuple(reason for reason, held in holds.items() if held and reason in in_force)
    return (Importance.IMPORTANT if reasons else Importance.NORMAL), reasons
