"""What is said, as front-ends see it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.tickets.conversation.vocabulary import Visibility
from shared.texts import RequestModel, Text


class Words(RequestModel):
    """What somebody says about a ticket."""

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
