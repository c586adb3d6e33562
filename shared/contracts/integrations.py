"""What is said about notices to people, and about what partners send."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.messages.contract import Code, Event, Letter


class NotificationRequest(Letter):
    """Please write to a customer: a template and its parameters, worthless after `expires_at`.

    `reference_kind` and `reference_id` name what the notice is about, such as survey_invitation.
    """

    TYPE: ClassVar[str] = "notification.request"
    SENDERS: ClassVar[tuple[str, ...]] = ("tickets", "surveys", "feedback")
    RECIPIENT: ClassVar[str] = "integrations"

    notification_id: UUID
    customer_id: UUID
    template: Code
    parameters: dict[str, str]
    reference_kind: Code
    reference_id: UUID
    expires_at: AwareDatetime


class NotificationEvent(Event):
    """What became of a notice."""

    SENDERS: ClassVar[tuple[str, ...]] = ("integrations",)

    notification_id: UUID
    template: Code
    reference_kind: Code
    reference_id: UUID


class NotificationDelivered(NotificationEvent):
    """The notice was handed to the channel that reaches the customer."""

    TYPE: ClassVar[str] = "notification.delivered"

    channel: Code
    delivered_at: AwareDatetime


class NotificationFailed(NotificationEvent):
    """The notice cannot be delivered."""

    TYPE: ClassVar[str] = "notification.failed"

    reason: Code
    failed_at: AwareDatetime


class StaffNoticeRequest(Letter):
    """Please tell one of our own people: a template and its parameters, shown in his notices.

    `reference_kind` and `reference_id` name what it is about, such as loop_case.
    """

    TYPE: ClassVar[str] = "notification.staff_request"
    SENDERS: ClassVar[tuple[str, ...]] = ("tickets", "surveys", "feedback", "reporting")
    RECIPIENT: ClassVar[str] = "integrations"

    notification_id: UUID
    staff_id: UUID
    template: Code
    parameters: dict[str, str]
    reference_kind: Code
    reference_id: UUID


class CrmLetter(Letter):
    """A record of a partner's system, mapped to our words.

    `delivery_id` is the inbound delivery that it came with; `external_id` is the partner's own,
    unique within `source`; of two versions of a record the later `occurred_at` counts.
    """

    SENDERS: ClassVar[tuple[str, ...]] = ("integrations",)
    RECIPIENT: ClassVar[str] = "tickets"

    delivery_id: UUID
    source: Code
    external_id: str
    occurred_at: AwareDatetime


class CrmCustomerReceived(CrmLetter):
    """A customer of the partner's: None leaves a field as it is; `deleted` is a tombstone."""

    TYPE: ClassVar[str] = "crm.customer_received"

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    wechat_openid: str | None = None
    grade: str | None = None
    language: str | None = None
    deleted: bool = False


class CrmComplaintReceived(CrmLetter):
    """A request of a customer, as it was taken in the partner's system."""

    TYPE: ClassVar[str] = "crm.complaint_received"

    customer_external_id: str | None = None
    kind: str = "complaint"
    channel: str = "phone"
    priority: str | None = None
    category: str | None = None
    subject: str
    description: str


class CrmAnswer(Event):
    """What became of a record that a partner sent."""

    SENDERS: ClassVar[tuple[str, ...]] = ("tickets",)

    delivery_id: UUID
    source: Code
    record: Code


class CrmRecordTaken(CrmAnswer):
    """The record was taken; `record_id` is the customer or the ticket that it became.

    `customer_id` is whom it is about: who keeps the record can find it when he is erased.
    """

    TYPE: ClassVar[str] = "crm.record_taken"

    record_id: UUID
    customer_id: UUID | None = None
    result: Code
    taken_at: AwareDatetime


class CrmRecordRefused(CrmAnswer):
    """The record cannot be taken as it is: `reason` is a problem code, `field` where it lies."""

    TYPE: ClassVar[str] = "crm.record_refused"

    reason: Code
    field: Code | None
    refused_at: AwareDatetime
