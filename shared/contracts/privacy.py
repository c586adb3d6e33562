"""What is said to export or erase one customer in every service."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, JsonValue

from shared.messages.contract import Code, Event, Letter

EVERY_SERVICE = ("tickets", "surveys", "feedback", "reporting", "integrations")


class ErasureRequested(Event):
    """Every service forgets this customer now and answers with `privacy.erasure_done`."""

    TYPE: ClassVar[str] = "privacy.erasure_requested"
    SENDERS: ClassVar[tuple[str, ...]] = ("integrations",)

    request_id: UUID
    customer_id: UUID
    requested_at: AwareDatetime


class ErasureDone(Event):
    """One service has forgotten the customer: `service` says which, `rows` how much it changed."""

    TYPE: ClassVar[str] = "privacy.erasure_done"
    SENDERS: ClassVar[tuple[str, ...]] = EVERY_SERVICE

    request_id: UUID
    customer_id: UUID
    service: Code
    rows: int
    erased_at: AwareDatetime


class CustomerErased(Event):
    """The owner of customers has forgotten this one; partners and copies should do the same."""

    TYPE: ClassVar[str] = "customer.erased"
    SENDERS: ClassVar[tuple[str, ...]] = ("tickets",)

    customer_id: UUID
    erased_at: AwareDatetime


class ExportRequested(Event):
    """Every service writes down what it knows of this customer in a `privacy.data_found`."""

    TYPE: ClassVar[str] = "privacy.export_requested"
    SENDERS: ClassVar[tuple[str, ...]] = ("integrations",)

    request_id: UUID
    customer_id: UUID
    requested_at: AwareDatetime


class DataFound(Letter):
    """What one service knows of a customer, by kind of record; `found` may be empty."""

    TYPE: ClassVar[str] = "privacy.data_found"
    SENDERS: ClassVar[tuple[str, ...]] = EVERY_SERVICE[:-1]
    RECIPIENT: ClassVar[str] = "integrations"

    request_id: UUID
    customer_id: UUID
    service: Code
    found: dict[str, list[dict[str, JsonValue]]]
