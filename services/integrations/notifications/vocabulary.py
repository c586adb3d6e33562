"""The words of notices."""

from enum import StrEnum


class Template(StrEnum):
    """What a notice is for."""

    SURVEY_INVITATION = "survey_invitation"
    SURVEY_REMINDER = "survey_reminder"
    TICKET_RECEIVED = "ticket_received"
    TICKET_REPLIED = "ticket_replied"
    TICKET_RESOLVED = "ticket_resolved"
    FEEDBACK_REPLY = "feedback_reply"
    RECOVERY_BEGUN = "recovery_begun"


class NoticeState(StrEnum):
    """How far a notice is."""

    WAITING_CONTACT = "waiting_contact"
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Reason(StrEnum):
    """Why a notice did not reach anybody."""

    NO_CONTACT = "no_contact"
    NO_REACHABLE_CHANNEL = "no_reachable_channel"
    NO_CHANNEL_SET_UP = "no_channel_set_up"
    NOT_LIVE = "not_live"
    EXPIRED = "expired"
    UNKNOWN_TEMPLATE = "unknown_template"
    UNREADABLE = "unreadable"
    ADDRESS_REFUSED = "address_refused"
    MAIL_REFUSED = "mail_refused"
    MAIL_UNREACHABLE = "mail_unreachable"
    CUSTOMER_ERASED = "customer_erased"


class NoticeChannel(StrEnum):
    """On which way a notice left."""

    EMAIL = "email"
    OUTBOX = "outbox"
