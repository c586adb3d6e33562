"""Requests and customers as a partner's own program brings them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from services.tickets.customers.rules import ContactKind, Grade, Language
from services.tickets.intake.rules import CustomerRecord, RecordVersion, RequestRecord, Taken
from services.tickets.intake.vocabulary import IntakeResult
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.vocabulary import Channel, Kind, Priority, State
from shared.texts import Line, RequestModel, Text, example

ExternalId = Annotated[Line, Field(description="The partner's own id; taken once")]


class IntakeTicketIn(RequestModel):
    """A request as the partner's system has it."""

    model_config = example(
        external_id="CASE-5521",
        customer_external_id="C-10023",
        kind="complaint",
        channel="wechat",
        category="billing",
        subject="账单多收了一个月",
        description="客户说九月的气费收了两次，要求退回一次。",
    )

    external_id: ExternalId
    customer_external_id: Line | None = None
    kind: Kind
    channel: Channel
    priority: Priority = Priority.NORMAL
    category: Line | None = Field(None, description="The code of a category")
    subject: Line
    description: Text

    def record(self, source: str) -> RequestRecord:
        """Return the request as a record of this source."""
        return RequestRecord(source=source, **self.model_dump())


class IntakeTicketOut(BaseModel):
    """What became of a partner's request; `result` says what this call did."""

    id: UUID
    number: str
    external_id: str
    state: State
    created_at: datetime
    first_response_due_at: datetime
    resolution_due_at: datetime
    resolved_at: datetime | None
    closed_at: datetime | None
    result: IntakeResult | None = None


class IntakeCustomerIn(RequestModel):
    """A customer as he was at the partner's at an instant; what is left out or null stays."""

    model_config = example(
        external_id="C-10023",
        occurred_at="2026-11-23T08:59:58+08:00",
        name="陈静宜",
        phone="138 0013 8000",
        grade="high_value",
    )

    external_id: ExternalId
    occurred_at: AwareDatetime
    name: Line | None = None
    email: Line | None = None
    phone: Line | None = None
    wechat_openid: Line | None = None
    grade: Grade | None = None
    language: Language | None = None
    deleted: bool = Field(False, description="He is no customer of the partner's any more")

    def record(self, source: str, delivery_id: UUID) -> CustomerRecord:
        """Return the customer as a record of this source."""
        given = {kind: getattr(self, kind) for kind in ContactKind}
        return CustomerRecord(
            source=source,
            external_id=self.external_id,
            version=RecordVersion(self.occurred_at, delivery_id),
            contacts={kind: value for kind, value in given.items() if value is not None},
            name=self.name,
            grade=self.grade,
            language=self.language,
            deleted=self.deleted,
        )


class IntakeCustomerOut(BaseModel):
    """Who the partner's customer is here, and what this call did."""

    customer_id: UUID
    external_id: str
    result: IntakeResult


def intake_ticket_out(ticket: Ticket, taken: Taken | None = None) -> IntakeTicketOut:
    """Return a ticket as its partner sees it."""
    return IntakeTicketOut(
        id=ticket.id,
        number=ticket.number,
        external_id=ticket.source_ref or "",
        state=ticket.state,
        created_at=ticket.created_at,
        first_response_due_at=ticket.first_response_due_at,
        resolution_due_at=ticket.resolution_due_at,
        resolved_at=ticket.resolved_at,
        closed_at=ticket.closed_at,
        result=taken.result if taken else None,
    )
