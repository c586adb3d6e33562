"""The words of what leaves for partners."""

from enum import StrEnum


class WebhookState(StrEnum):
    """Whether a subscription gets anything."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Why a subscription gets nothing."""

    BY_HAND = "by_hand"
    GONE = "gone"
    FAILING = "failing"


class DeliveryState(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Trigger(StrEnum):
    """What made the next, or the last, attempt happen."""

    EVENT = "event"
    RECOVERY = "recovery"
    BY_HAND = "by_hand"
    TEST = "test"


class AnswerFailure(StrEnum):
    """What is wrong with an answer that came; what came to none is an EgressFailure."""

    REDIRECT = "redirect"
    GONE = "gone"
    THROTTLED = "throttled"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"


class SuppressedReason(StrEnum):
    """Why an event does not leave."""

    NOT_LIVE = "not_live"
    TOO_OLD = "too_old"
