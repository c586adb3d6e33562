"""Records of partners: which of two versions counts, and which words of theirs are ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

from services.tickets.customers.rules import ContactKind
from services.tickets.intake.vocabulary import IntakeResult
from services.tickets.tickets.vocabulary import Kind

Word = TypeVar("Word", bound=StrEnum)

KINDS: Final = frozenset(Kind) - {Kind.RECOVERY}
"""What partners may ask for; a recovery is opened by a case of ours."""

FIELDS: Final[Mapping[str, str]] = {
    "invalid_email": "email",
    "invalid_phone": "phone",
    "invalid_openid": "wechat_openid",
    "unknown_grade": "grade",
    "unknown_language": "language",
    "unknown_kind": "kind",
    "unknown_channel": "channel",
    "unknown_priority": "priority",
    "unknown_category": "category",
}
"""Where a refusal lies, by its code."""


@dataclass(frozen=True, slots=True, order=True)
class RecordVersion:
    """When a record was so at the partner's; of two at one instant the one that came later."""

    occurred_at: datetime
    delivery_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """A partner's customer; None leaves a field as it is."""

    source: str
    external_id: str
    version: RecordVersion
    contacts: Mapping[ContactKind, str]
    name: str | None = None
    grade: str | None = None
    language: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request as it was taken at a partner's; its customer by the partner's id."""

    source: str
    external_id: str
    customer_external_id: str | None
    kind: str
    channel: str
    priority: str | None
    category: str | None
    subject: str
    description: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a record became; `record_id` is the customer or the ticket."""

    result: IntakeResult
    record_id: UUID
    customer_id: UUID | None


def source_of(partner_id: UUID | None) -> str:
    """Return the source of what a partner's own program brings."""
    return f"partner-{partner_id}"


def word_of(words: type[Word], value: str) -> Word | None:
    """Return our word for a partner's, None when it is none of ours."""
    return words(value) if value in set(words) else None


def why_nothing_changes(new: RecordVersion, known: RecordVersion | None) -> IntakeResult | None:
    """Return why a version changes nothing, None when it is newer than what is known."""
    if known is None or new > known:
        return None
    return IntakeResult.UNCHANGED if new == known else IntakeResult.OUTDATED
