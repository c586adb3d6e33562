"""Why a request does not go out, or does not come back."""

from enum import StrEnum


class TargetRefusal(StrEnum):
    """What is wrong with an address as a target."""

    MALFORMED = "malformed"
    NOT_HTTPS = "not_https"
    USER_INFORMATION = "user_information"
    PORT_NOT_ALLOWED = "port_not_allowed"
    ADDRESS_LITERAL = "address_literal"
    FORBIDDEN_ADDRESS = "forbidden_address"
    UNKNOWN_NAME = "unknown_name"


class EgressFailure(StrEnum):
    """How a request failed before there was an answer."""

    TARGET_REFUSED = "target_refused"
    NAME_UNKNOWN = "name_unknown"
    NOT_CONNECTED = "not_connected"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    BROKEN_OFF = "broken_off"
