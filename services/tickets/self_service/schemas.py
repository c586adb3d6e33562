"""A ticket as its customer sees it: nothing internal."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.tickets.tickets.list_queries import ShownTicket
from services.tickets.tickets.open_ticket import TicketRequest
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.schemas import ChosenKind
from services.tickets.tickets.vocabulary import Channel, Kind, Priority, ReopenReason, State
from shared.texts import Line, RequestModel, Text, example


class MyTicketIn(RequestModel):
    """What a customer asks for."""

    model_config = example(
        kind="complaint",
        channel="wechat",
        subject="约好的师傅没有来",
        description="约的是周三下午上门安检，等到晚上也没人来，也没有人打电话说明。",
    )

    kind: ChosenKind = Kind.COMPLAINT
    channel: Channel = Channel.WEB
    subject: Line
    description: Text
    category_id: UUID | None = None

    def request_of(self, customer_id: UUID) -> TicketRequest:
        """Return what is asked, as the use case wants it."""
        return TicketRequest(customer_id=customer_id, **self.model_dump())


class Objection(RequestModel):
    """Why the customer is not content with the solution."""

    model_config = example(
        reason="not_solved",
        body="新表装上以后还是不走字。",
    )

    reason: ReopenReason = ReopenReason.NOT_SOLVED
    body: Text


class MyTicketOut(BaseModel):
    """A customer's ticket with what was promised to him."""

    id: UUID
    number: str
    kind: Kind
    priority: Priority
    state: State
    subject: str
    description: str
    created_at: datetime
    first_response_due_at: datetime
    first_responded_at: datetime | None
    resolution_due_at: datetime
    resolved_at: datetime | None
    solution: str | None
    closed_at: datetime | None
    version: int


def my_ticket(ticket: Ticket | ShownTicket) -> MyTicketOut:
    """Return a ticket as its customer sees it."""
    return MyTicketOut.model_validate(ticket, from_attributes=True)
