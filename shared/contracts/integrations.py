"""What is said about notices to people, and the letter by which a service asks for one."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.messages.contract import Code, Event, Letter


class NotificationRequest(Letter):
    """Please write to a customer: a template and its parameters, worthless after `expires_at`.

    `reference_kind` and `reference_id` name what the notice is about, such as survey_invitation.
    """

    TYPE: ClassVar[str] = "notification.request"
    SENDERS: ClassVar[tuple[str, ...]] = ("tickets", "surveys")
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
