"""The words of what partners' systems send."""

from enum import StrEnum


class Verifier(StrEnum):
    """How a source proves that it was it."""

    STANDARD_WEBHOOKS = "standard_webhooks"
    HMAC_BODY = "hmac_body"
    HMAC_TIMESTAMP = "hmac_timestamp"


class Encoding(StrEnum):
    """How a signature is written."""

    HEX = "hex"
    BASE64 = "base64"


class TimestampUnit(StrEnum):
    """How an instant is written."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    ISO8601 = "iso8601"


class RecordKind(StrEnum):
    """What a delivery may become."""

    CUSTOMER = "customer"
    COMPLAINT = "complaint"


class DeliveryState(StrEnum):
    """How far a delivery is."""

    RECEIVED = "received"
    SENT = "sent"
    TAKEN = "taken"
    REFUSED = "refused"
    REJECTED = "rejected"
    IGNORED = "ignored"


class Misfit(StrEnum):
    """Why a mapping cannot make a record of a body."""

    BODY_MALFORMED = "body_malformed"
    BODY_UNREADABLE = "body_unreadable"
    VALUE_MISSING = "value_missing"
    VALUE_UNKNOWN = "value_unknown"
    VALUE_TYPE = "value_type"
    VALUE_INVALID = "value_invalid"
    MAPPING_FAILED = "mapping_failed"


class AttemptRefusal(StrEnum):
    """Why an attempt was turned away before its signature was looked at."""

    CONTENT_TYPE = "content_type"
    TOO_LARGE = "too_large"
