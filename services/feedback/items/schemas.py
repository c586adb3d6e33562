"""Feedback items as the staff's front-ends see and send them."""

from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.feedback.items.classify_item import Classification
from services.feedback.items.queries import Item
from services.feedback.items.rules import Clock, allowed_moves, group_of
from services.feedback.items.vocabulary import (
    FeedbackChannel,
    FeedbackKind,
    FeedbackMode,
    FeedbackSource,
    Importance,
    ImportanceReason,
    ItemMove,
    ItemState,
    ReplyChannel,
    Sentiment,
    SourceGroup,
    Verification,
)
from shared.texts import Line, RequestModel, Text, example

Language = Annotated[str, Field(pattern="^(zh|en)$")]
Rating = Annotated[int, Field(strict=True, ge=1, le=5)]


class FeedbackIn(RequestModel):
    """A voice of the customer that one of our people takes down."""

    model_config = example(
        source="store_visit",
        source_ref="YX-STORE-20261127-031",
        kind="complaint",
        channel="store",
        text="客户到营业厅反映：报修三天没有人联系，打热线又转了两次。",
        customer_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f",
    )

    source: FeedbackSource
    source_ref: Annotated[Line | None, Field(description="Its number there; taken once")] = None
    mode: FeedbackMode = FeedbackMode.INITIATIVE
    kind: FeedbackKind
    channel: FeedbackChannel
    text: Text
    language: Language = "zh"
    customer_id: UUID | None = None
    ticket_id: UUID | None = None
    cycle_no: Annotated[int | None, Field(strict=True, ge=1, le=10_000)] = None
    category_id: UUID | None = None
    org_unit_id: UUID | None = None
    satisfaction: Rating | None = None
    public: Annotated[bool, Field(description="Said where others read it")] = False

    @model_validator(mode="after")
    def _cycle_has_its_ticket(self) -> Self:
        if self.cycle_no is not None and self.ticket_id is None:
            msg = "cycle_no belongs to a ticket_id"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _is_not_the_surveys(self) -> Self:
        # a record of the same number would keep the customer's own words out
        if self.source is FeedbackSource.SURVEY_ANSWER:
            msg = "what customers answer in a survey comes from the survey itself"
            raise ValueError(msg)
        return self


class FeedbackAmendment(RequestModel):
    """What is corrected or added, and why; what is left out stays. `version` is the If-Match."""

    model_config = example(kind="complaint", reason="回访确认客户是在投诉，不是建议。", version=3)

    reason: Line
    text: Text | None = None
    kind: FeedbackKind | None = None
    mode: FeedbackMode | None = None
    channel: FeedbackChannel | None = None
    language: Language | None = None
    customer_id: UUID | None = None
    ticket_id: UUID | None = None
    cycle_no: Annotated[int | None, Field(strict=True, ge=1, le=10_000)] = None
    satisfaction: Rating | None = None
    public: bool | None = None
    version: int | None = Field(None, strict=True, ge=1)

    @property
    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent."""
        sent = self.model_dump(exclude={"version", "reason"})
        return {name: value for name, value in sent.items() if value is not None}


class FeedbackClassification(RequestModel):
    """What a person says it is about; what was proposed may simply be confirmed."""

    model_config = example(
        category_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f", sentiment="negative", kind="complaint"
    )

    category_id: UUID
    sentiment: Sentiment
    org_unit_id: UUID | None = None
    kind: FeedbackKind | None = None

    @property
    def said(self) -> Classification:
        """Return it as the use case wants it."""
        return Classification(**self.model_dump())


class FeedbackNote(RequestModel):
    """What was found or done, in the words of whoever did it."""

    model_config = example(note="查了派单记录：第一次派给了已调岗的师傅，系统没有提醒。")

    note: Text | None = None


class FeedbackResult(RequestModel):
    """The preliminary result."""

    model_config = example(text="已换人上门，表具正常；派单规则今天修正，漏单当天会提醒班长。")

    text: Text


class FeedbackAnswer(RequestModel):
    """An answer to the customer: by a notice of ours, in public, or given by a person."""

    model_config = example(
        text="您好，您反映的三天无人联系已查实，是我们派单有误，师傅今天下午两点到。",
        channel="notice",
    )

    text: Text
    channel: ReplyChannel = ReplyChannel.NOTICE


class FeedbackAssignment(RequestModel):
    """Who owns it from now on."""

    model_config = example(owner_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f")

    owner_id: UUID


class FeedbackWeight(RequestModel):
    """How important it is, whatever the rules say, and why."""

    model_config = example(importance="important", reason="同一小区一天内第三起，可能是共性问题。")

    importance: Importance
    reason: Line


class FeedbackClockOut(BaseModel):
    """One promise: `overdue` when it was not kept in time, whether it was kept later or not."""

    due_at: datetime
    stopped_at: datetime | None
    overdue: bool


class FeedbackLine(BaseModel):
    """An item in a list."""

    id: UUID
    source: FeedbackSource
    source_group: SourceGroup
    mode: FeedbackMode
    kind: FeedbackKind
    channel: str
    state: ItemState
    importance: Importance
    sentiment: Sentiment | None
    category_id: UUID | None
    org_unit_id: UUID | None
    owner_id: UUID | None
    customer_id: UUID | None
    ticket_id: UUID | None
    text: str | None
    satisfaction: int | None
    nps: int | None
    received_at: datetime
    response: FeedbackClockOut
    result: FeedbackClockOut
    closed_at: datetime | None
    archive_no: str | None
    version: int


class FeedbackOut(FeedbackLine):
    """An item, whole; `text` is masked, `revision` counts the versions of its record.

    `allowed` are the moves that its state allows now.
    """

    source_ref: str
    cycle_no: int
    response_id: UUID | None
    language: str
    public: bool
    safety: bool
    importance_reasons: list[ImportanceReason]
    weighed_by_person: bool
    classified_at: datetime | None
    verification: Verification | None
    kept_until: date | None
    revision: int
    allowed: list[ItemMove]
    updated_at: datetime


def feedback_line(item: Item, now: datetime) -> FeedbackLine:
    """Return an item as a line of a list."""
    return FeedbackLine.model_validate(_shown(item, now), from_attributes=True)


def feedback_out(item: Item, now: datetime) -> FeedbackOut:
    """Return an item as it is shown to staff."""
    return FeedbackOut.model_validate(_shown(item, now), from_attributes=True)


def _shown(item: Item, now: datetime) -> dict[str, Any]:
    response, result = item.clocks
    plain = {name: getattr(item, name) for name in item.__slots__}
    return plain | {
        "text": item.text_masked,
        "source_group": group_of(item.source),
        "response": _clock(response, now),
        "result": _clock(result, now),
        "allowed": allowed_moves(item.state),
    }


def _clock(clock: Clock, now: datetime) -> FeedbackClockOut:
    return FeedbackClockOut(
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        overdue=(clock.stopped_at or now) > clock.due_at,
    )
