"""What `tickets` says: the life of a ticket, its customers, and the directory."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.messages.contract import Code, Event, Letter, Title


class TicketEvent(Event):
    """The dimensions that every event of a ticket carries, as they are at that moment.

    `org_path` leads from the root to `org_unit_id`, both included; `cycle_no` counts closings.
    """

    SENDERS: ClassVar[tuple[str, ...]] = ("tickets",)

    ticket_id: UUID
    cycle_no: int
    kind: Code
    channel: Code
    category_id: UUID | None
    org_unit_id: UUID | None
    org_path: tuple[UUID, ...]
    priority: Code
    tier: Code
    customer_id: UUID | None


class TicketCreated(TicketEvent):
    """A customer's request was taken, with the times that were promised."""

    TYPE: ClassVar[str] = "ticket.created"

    created_at: AwareDatetime
    first_response_due_at: AwareDatetime
    resolution_due_at: AwareDatetime


class TicketAssigned(TicketEvent):
    """A team or a person is responsible now."""

    TYPE: ClassVar[str] = "ticket.assigned"

    assignee_id: UUID | None
    assigned_at: AwareDatetime


class TicketResponded(TicketEvent):
    """A person answered the customer; `first` only once in a ticket's life."""

    TYPE: ClassVar[str] = "ticket.responded"

    first: bool
    responded_at: AwareDatetime


class TicketEscalated(TicketEvent):
    """The ticket went to another support tier, up or back."""

    TYPE: ClassVar[str] = "ticket.escalated"

    from_tier: Code
    reason: Code
    escalated_at: AwareDatetime


class TicketRecategorized(TicketEvent):
    """Category, priority or kind were corrected."""

    TYPE: ClassVar[str] = "ticket.recategorized"

    recategorized_at: AwareDatetime


class TicketResolved(TicketEvent):
    """A solution was given to the customer, who had written `customer_messages` by then."""

    TYPE: ClassVar[str] = "ticket.resolved"

    resolution_reason: Code
    resolved_at: AwareDatetime
    customer_messages: int | None = None


class TicketClosed(TicketEvent):
    """A cycle ended: the survey, the statistics and the write-back begin with this event."""

    TYPE: ClassVar[str] = "ticket.closed"

    close_actor: Code
    resolution_reason: Code
    requester: Code
    created_at: AwareDatetime
    resolved_at: AwareDatetime
    closed_at: AwareDatetime


class TicketReopened(TicketEvent):
    """The next cycle began, with a limit of its own."""

    TYPE: ClassVar[str] = "ticket.reopened"

    reason: Code
    resolution_due_at: AwareDatetime
    reopened_at: AwareDatetime


class TicketCancelled(TicketEvent):
    """The request was withdrawn; there is no closing and no survey."""

    TYPE: ClassVar[str] = "ticket.cancelled"

    reason: Code
    cancelled_at: AwareDatetime


class RecoveryTaken(TicketEvent):
    """A loop case is handled in this ticket and cycle.

    A closed root ticket got a recovery ticket of its own; a root that was open again got a
    note (`noted`), and its present cycle is the recovery.
    """

    TYPE: ClassVar[str] = "ticket.recovery_taken"

    case_id: UUID
    root_ticket_id: UUID
    noted: bool
    taken_at: AwareDatetime


class CustomerChanged(Event):
    """A customer as the other services need to know him; no name, no address."""

    TYPE: ClassVar[str] = "customer.changed"
    SENDERS: ClassVar[tuple[str, ...]] = ("tickets",)

    customer_id: UUID
    grade: Code
    language: Code
    reachable_by: tuple[Code, ...]


class CustomerContactChanged(Letter):
    """Where a customer can be reached, for the one service that writes to people."""

    TYPE: ClassVar[str] = "customer.contact_changed"
    SENDERS: ClassVar[tuple[str, ...]] = ("tickets",)
    RECIPIENT: ClassVar[str] = "integrations"

    customer_id: UUID
    name: str
    language: Code
    email: str | None
    phone: str | None


class StaffChanged(Event):
    """A member of staff with his rights; the whole state, so that the newest one counts."""

    TYPE: ClassVar[str] = "staff.changed"
    SENDERS: ClassVar[tuple[str, ...]] = ("tickets",)

    staff_id: UUID
    roles: tuple[Code, ...]
    org_unit_ids: tuple[UUID, ...]
    active: bool


class OrgUnitChanged(Event):
    """A unit of the organisation; `path` leads from the root to the unit, both included."""

    TYPE: ClassVar[str] = "org_unit.changed"
    SENDERS: ClassVar[tuple[str, ...]] = ("tickets",)

    org_unit_id: UUID
    kind: Code
    name: Title
    path: tuple[UUID, ...]
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None


class CategoryChanged(Event):
    """A category of requests with its names; `path` leads from its top category to itself."""

    TYPE: ClassVar[str] = "category.changed"
    SENDERS: ClassVar[tuple[str, ...]] = ("tickets",)

    category_id: UUID
    code: Code
    name_zh: Title
    name_en: Title
    active: bool
    path: tuple[UUID, ...] = ()
