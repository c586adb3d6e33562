"""What happened to an item, what its record said, and how the customer was answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row

from services.feedback.items.queries import Item
from services.feedback.items.reply_queries import Reply
from services.feedback.items.rules import allowed_moves
from services.feedback.items.vocabulary import ItemMove, ItemState, ReplyChannel, ReplyDelivery
from services.feedback.items.work_on_item import note_context
from shared.crypto.vault import Vault


class FeedbackStepOut(BaseModel):
    """A line of an item's history."""

    number: int
    move: ItemMove
    state: ItemState
    actor_kind: str
    actor_id: UUID | None
    owner_id: UUID | None
    note: str | None
    detail: dict[str, Any]
    made_at: datetime


class FeedbackHistory(BaseModel):
    """What happened to an item, oldest first, and which moves its state allows now."""

    state: ItemState
    allowed: list[ItemMove]
    steps: list[FeedbackStepOut]


class FeedbackVersionOut(BaseModel):
    """What the record said from `made_at` on, whole; its words are masked."""

    number: int
    text: str | None
    record: dict[str, Any]
    author_kind: str
    author_id: UUID | None
    reason: str | None
    made_at: datetime


class FeedbackVersions(BaseModel):
    """Every version of a record, the oldest first."""

    data: list[FeedbackVersionOut]


class FeedbackReplyOut(BaseModel):
    """An answer, and what became of it."""

    id: UUID
    text: str
    channel: ReplyChannel
    author_id: UUID | None
    replied_at: datetime
    delivery: ReplyDelivery
    delivered_by: str | None
    delivered_at: datetime | None
    failed_because: str | None


class FeedbackReplies(BaseModel):
    """The answers about an item, the oldest first."""

    data: list[FeedbackReplyOut]


class FeedbackOriginal(BaseModel):
    """The words as they were written, with the version of the record that they came with."""

    number: int
    text: str


def history_out(vault: Vault, item: Item, steps: Sequence[Row[Any]]) -> FeedbackHistory:
    """Return an item's history as it is shown."""
    return FeedbackHistory(
        state=item.state,
        allowed=allowed_moves(item.state),
        steps=[FeedbackStepOut(**_clear(vault, row)) for row in steps],
    )


def versions_out(rows: Sequence[Row[Any]]) -> FeedbackVersions:
    """Return the versions of a record as they are shown."""
    return FeedbackVersions(
        data=[
            FeedbackVersionOut(
                **row._asdict() | {"text": row.text_masked, "reason": row.reason_masked}
            )
            for row in rows
        ]
    )


def reply_out(reply: Reply) -> FeedbackReplyOut:
    """Return an answer as it is shown."""
    return FeedbackReplyOut.model_validate(reply, from_attributes=True)


def _clear(vault: Vault, row: Row[Any]) -> dict[str, Any]:
    sealed = row.note_sealed
    note = None if sealed is None else vault.decrypt(sealed, context=note_context(row.item_id))
    return row._asdict() | {"note": note}
