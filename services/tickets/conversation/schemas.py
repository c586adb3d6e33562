"""What is said, as front-ends see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from services.tickets.conversation.queries import Said
from services.tickets.conversation.vocabulary import Visibility
from shared.texts import RequestModel, Text, example

AfterNumber = Annotated[int, Query(ge=0, le=2_147_483_647, description="Number of the last one")]


class MessageIn(RequestModel):
    """What somebody says about a ticket."""

    model_config = example(body="您好，维修师傅明天上午九点到，到之前会先打电话。")

    body: Text


class MessageOut(BaseModel):
    """One message; `number` counts a ticket's messages without a gap."""

    id: UUID
    number: int
    author_kind: str
    author_id: UUID | None
    visibility: Visibility
    body: str
    said_at: datetime


class Conversation(BaseModel):
    """Messages, oldest first; `next_after` goes on, null when there are no more."""

    data: list[MessageOut]
    next_after: int | None


def message_out(said: Said) -> MessageOut:
    """Return a message as it is shown."""
    return MessageOut.model_validate(said, from_attributes=True)


def conversation_out(said: Sequence[Said], limit: int) -> Conversation:
    """Return up to `limit` of the messages, and where to go on."""
    shown = [message_out(one) for one in said[:limit]]
    return Conversation(data=shown, next_after=shown[-1].number if len(said) > limit else None)
