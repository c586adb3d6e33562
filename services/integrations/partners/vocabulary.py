"""Why a signature is not believed."""

from enum import StrEnum


class SignatureRefusal(StrEnum):
    """What is wrong with a signed message; an administrator sees it, its sender does not."""

    HEADERS_MISSING = "headers_missing"
    HEADERS_MALFORMED = "headers_malformed"
    SIGNATURE_WRONG = "signature_wrong"
    TIMESTAMP_OUTSIDE = "timestamp_outside"
