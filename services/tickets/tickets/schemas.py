"""Tickets as the staff's front-ends see them."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from services.tickets.tickets.list_queries import ShownTicket
from services.tickets.tickets.open_ticket import TicketRequest
from services.tickets.tickets.queries import Ticket
from services.tickets.tickets.vocabulary import (
    CancelReason,
    Channel,
    EscalationReason,
    Kind,
    Priority,
    ReopenReason,
    Requester,
    ResolutionReason,
    Stage,
    State,
    Tier,
    WaitingReason,
)
from shared.texts import Line, RequestModel, Text, example


def _chosen_by_hand(kind: Kind) -> Kind:
    """Return the kind. Raises a validation error for a recovery, which a bad answer begins."""
    if kind is Kind.RECOVERY:
        raise PydanticCustomError("kind_by_hand", "A recovery begins with a bad answer.")
    return kind


ChosenKind = Annotated[Kind, AfterValidator(_chosen_by_hand)]
"""A kind that somebody may give a ticket."""


class TicketIn(RequestModel):
    """A request taken by one of our people."""

    model_config = example(
        kind="repair",
        channel="phone",
        subject="燃气表不走字",
        description="客户来电：连续做了两顿饭，表上的数字一点没动，怕是表坏了。",
        priority="high",
        source="hotline",
        source_ref="RX-20261122-0087",
    )

    kind: ChosenKind
    channel: Channel
    subject: Line
    description: Text
    customer_id: UUID | None = None
    requester: Requester = Requester.CUSTOMER
    priority: Priority = Priority.NORMAL
    category_id: UUID | None = None
    org_unit_id: UUID | None = None
    source: Annotated[Line | None, Field(description="The system it comes from")] = None
    source_ref: Annotated[Line | None, Field(description="Its number there; taken once")] = None

    @model_validator(mode="after")
    def _source_is_whole(self) -> Self:
        if (self.source is None) != (self.source_ref is None):
            msg = "source and source_ref belong together"
            raise ValueError(msg)
        return self

    @property
    def request(self) -> TicketRequest:
        """Return what is asked, as the use case wants it."""
        return TicketRequest(**self.model_dump())


class TicketCorrection(RequestModel):
    """What is corrected; what is left out stays. `version` stands in for If-Match."""

    model_config = example(
        subject="燃气表不走字，已停用",
        priority="critical",
        version=3,
    )

    subject: Line | None = None
    kind: ChosenKind | None = None
    priority: Priority | None = None
    category_id: UUID | None = None
    version: int | None = Field(None, strict=True, ge=1)

    @property
    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent; only the category can be taken away."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        return {name: v for name, v in sent.items() if v is not None or name == "category_id"}


class Assignment(RequestModel):
    """Who is responsible: a team, and perhaps a person in it."""

    model_config = example(org_unit_id="0199e2b4-7c31-7d52-9a0e-3f6b8c1d2e4f")

    org_unit_id: UUID
    assignee_id: UUID | None = None


class Advance(RequestModel):
    """The stage of the work that is reached."""

    model_config = example(stage="analyzing")

    stage: Stage


class Waiting(RequestModel):
    """Why the customer is waited for."""

    model_config = example(reason="information")

    reason: WaitingReason


class Escalation(RequestModel):
    """Why the ticket goes to another support tier."""

    model_config = example(reason="needs_skill")

    reason: EscalationReason


class Resolution(RequestModel):
    """The solution, in words that the customer reads."""

    model_config = example(
        reason="solved",
        solution="师傅今天上午换了新表，试烧十分钟读数正常，旧表的用量按上月平均值结算。",
    )

    reason: ResolutionReason
    solution: Text


class Reopening(RequestModel):
    """Why the ticket is opened again."""

    model_config = example(reason="recurred")

    reason: ReopenReason


class Cancellation(RequestModel):
    """Why the request ends without a solution."""

    model_config = example(reason="mistake")

    reason: CancelReason


class TicketOut(BaseModel):
    """A ticket, whole.

    A recovery ticket names the ticket whose customer it wins back (`recovers_ticket_id`), that one
    its latest recovery (`recovery_ticket_id`), and both the loop case that a bad answer opened.
    """

    id: UUID
    number: str
    kind: Kind
    channel: Channel
    priority: Priority
    tier: Tier
    state: State
    stage: Stage
    waiting_reason: str | None
    category_id: UUID | None
    org_unit_id: UUID | None
    assignee_id: UUID | None
    customer_id: UUID | None
    requester: Requester
    subject: str
    description: str
    source: str | None
    source_ref: str | None
    recovers_ticket_id: UUID | None
    recovery_ticket_id: UUID | None
    loop_case_id: UUID | None
    cycle_no: int
    created_at: datetime
    first_response_due_at: datetime
    first_responded_at: datetime | None
    resolution_due_at: datetime
    resolved_at: datetime | None
    resolution_reason: str | None
    solution: str | None
    close_due_at: datetime | None
    closed_at: datetime | None
    close_actor: str | None
    cancelled_at: datetime | None
    updated_at: datetime
    version: int


class TicketLine(BaseModel):
    """A ticket in a list: what a desk shows of it, and no more."""

    id: UUID
    number: str
    kind: Kind
    channel: Channel
    priority: Priority
    tier: Tier
    state: State
    category_id: UUID | None
    org_unit_id: UUID | None
    assignee_id: UUID | None
    customer_id: UUID | None
    subject: str
    created_at: datetime
    first_response_due_at: datetime
    first_responded_at: datetime | None
    resolution_due_at: datetime
    version: int


def ticket_out(ticket: Ticket) -> TicketOut:
    """Return a ticket as it is shown to staff."""
    return TicketOut.model_validate(ticket, from_attributes=True)


def ticket_line(ticket: ShownTicket) -> TicketLine:
    """Return a ticket as a line of a list."""
    return TicketLine.model_validate(dict(ticket))
