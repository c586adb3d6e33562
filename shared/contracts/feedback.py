"""What `feedback` says: the life of loop cases and of feedback items, each with two clocks.

The contact clock of a loop case, and the response clock of an item, is the 24 h one; the result
clock is the 48 h one. Each becomes overdue at most once.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.messages.contract import Code, Event


class LoopEvent(Event):
    """A loop case, with the dimensions of its root ticket as of the first low answer.

    `ticket_id` is the root ticket and `cycle_no` its cycle that was judged; `level` begins at 1
    and rises with each escalation.
    """

    SENDERS: ClassVar[tuple[str, ...]] = ("feedback",)

    case_id: UUID
    ticket_id: UUID
    cycle_no: int
    customer_id: UUID | None
    kind: Code
    channel: Code
    category_id: UUID | None
    org_unit_id: UUID | None
    org_path: tuple[UUID, ...]
    priority: Code
    tier: Code
    level: int


class LoopOpened(LoopEvent):
    """A bad answer opened the one case of a root ticket; `owner_id` is null while nobody fits."""

    TYPE: ClassVar[str] = "feedback.loop_opened"

    response_id: UUID
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    owner_id: UUID | None
    contact_due_at: AwareDatetime
    result_due_at: AwareDatetime
    opened_at: AwareDatetime


class LoopContacted(LoopEvent):
    """The customer was spoken to about it; the contact clock stopped.

    Said once a case, and again only when an earlier instant is heard of later: the earliest counts.
    """

    TYPE: ClassVar[str] = "feedback.loop_contacted"

    contacted_at: AwareDatetime


class LoopResulted(LoopEvent):
    """The recovery was resolved; the result clock stopped. Said again as `loop_contacted` is."""

    TYPE: ClassVar[str] = "feedback.loop_resulted"

    resulted_at: AwareDatetime


class LoopOverdue(LoopEvent):
    """A clock ran out: `clock` is contact or result."""

    TYPE: ClassVar[str] = "feedback.loop_overdue"

    clock: Code
    due_at: AwareDatetime


class LoopEscalated(LoopEvent):
    """The case went one level up, to `owner_id`; `reason` says why."""

    TYPE: ClassVar[str] = "feedback.loop_escalated"

    owner_id: UUID | None
    reason: Code
    escalated_at: AwareDatetime


class LoopClosed(LoopEvent):
    """The verdict: `outcome` is recovered, not_recovered, unreachable or not_needed."""

    TYPE: ClassVar[str] = "feedback.loop_closed"

    outcome: Code
    handling_ticket_id: UUID | None
    response_id: UUID | None
    closed_at: AwareDatetime


class FeedbackEvent(Event):
    """A feedback item as it stands; `kind` is what it is (complaint, praise …).

    `ticket_id` and `cycle_no` are set when it is about a ticket, 0 without one.
    """

    SENDERS: ClassVar[tuple[str, ...]] = ("feedback",)

    item_id: UUID
    ticket_id: UUID | None
    cycle_no: int
    customer_id: UUID | None
    source: Code
    mode: Code
    kind: Code
    channel: Code
    category_id: UUID | None
    org_unit_id: UUID | None
    org_path: tuple[UUID, ...]
    importance: Code
    sentiment: Code | None
    response_due_at: AwareDatetime
    result_due_at: AwareDatetime


class FeedbackReceived(FeedbackEvent):
    """A voice of the customer was taken; both limits run from `received_at`."""

    TYPE: ClassVar[str] = "feedback.received"

    received_at: AwareDatetime


class FeedbackClassified(FeedbackEvent):
    """Category, department, kind, sentiment or importance were set or corrected by a person."""

    TYPE: ClassVar[str] = "feedback.classified"

    classified_at: AwareDatetime


class FeedbackReplied(FeedbackEvent):
    """The customer was answered; the first answer stops the response clock."""

    TYPE: ClassVar[str] = "feedback.replied"

    first: bool
    replied_at: AwareDatetime


class FeedbackResulted(FeedbackEvent):
    """A preliminary result is there; the result clock stopped. Said once an item."""

    TYPE: ClassVar[str] = "feedback.resulted"

    resulted_at: AwareDatetime


class FeedbackOverdue(FeedbackEvent):
    """A clock ran out: `clock` is response or result."""

    TYPE: ClassVar[str] = "feedback.overdue"

    clock: Code
    due_at: AwareDatetime


class FeedbackClosed(FeedbackEvent):
    """The item was closed; `verification` says how it was proven (customer, resurvey …)."""

    TYPE: ClassVar[str] = "feedback.closed"

    verification: Code
    closed_at: AwareDatetime
