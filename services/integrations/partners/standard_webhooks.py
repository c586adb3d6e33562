"""Sign and verify as Standard Webhooks 1.0.0 has it: pure, for what comes and what goes.

Symmetric secrets (`whsec_`, v1) sign and verify; public keys (`whpk_`, v1a) verify. Several
secrets are one endpoint's while one replaces another.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.integrations.partners.vocabulary import SignatureRefusal

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what a secret begins with, not one
PUBLIC_PREFIX: Final = "whpk_"
SECRET_BYTES: Final = 32

TOLERANCE_SECONDS: Final = 300
"""What every library of the specification allows for clocks that differ and for the way."""

MOST_SIGNATURES: Final = 16
"""Two secrets make two; more than these would only make us work."""

_ID: Final = re.compile(r"[\x21-\x2d\x2f-\x7e]{1,255}")  # the dot divides what is signed
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")


def new_secret(randomness: bytes) -> str:
    """Return a secret as it is shown to a partner, made of 24 to 64 random bytes."""
    return SECRET_PREFIX + base64.b64encode(randomness).decode()


def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for, padded or not. Raises ValueError for none."""
    text = secret.removeprefix(SECRET_PREFIX).removeprefix(PUBLIC_PREFIX).rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        msg = "The secret is not base64."
        raise ValueError(msg) from error
    if not key:
        msg = "The secret is empty."
        raise ValueError(msg)
    return key


def sign(secret: str, id: str, timestamp: int, body: bytes) -> str:
    """Return one signature, version included: `v1,…`."""
    mac = hmac.digest(key_of(secret), _signed(id, str(timestamp), body), hashlib.sha256)
    return "v1," + base64.b64encode(mac).decode()


def signed_headers(secrets: Sequence[str], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a delivery, signed with every active secret."""
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, id, timestamp, body) for secret in secrets),
    }


def verify(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime
) -> SignatureRefusal | None:
    """Return why a message is not believed, None when it is; `headers` have small names."""
    id, timestamp, signatures = (
        headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")
    )
    if not (id and timestamp and signatures):
        return SignatureRefusal.HEADERS_MISSING
    if not _ID.fullmatch(id) or not _TIMESTAMP.fullmatch(timestamp):
        return SignatureRefusal.HEADERS_MALFORMED
    content = _signed(id, timestamp, body)
    candidates = signatures.split(" ")[:MOST_SIGNATURES]
    if not any(_fits(candidate, secret, content) for candidate in candidates for secret in secrets):
        return SignatureRefusal.SIGNATURE_WRONG
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        return SignatureRefusal.TIMESTAMP_OUTSIDE
    return None


def _signed(id: str, timestamp: str, body: bytes) -> bytes:
    return f"{id}.{timestamp}.".encode() + body


def _fits(candidate: str, secret: str, content: bytes) -> bool:
    version, _, signature = candidate.partition(",")
    if secret.startswith(PUBLIC_PREFIX):
        return version == "v1a" and _fits_public_key(signature, secret, content)
    mac = base64.b64encode(hmac.digest(key_of(secret), content, hashlib.sha256))
    return version == "v1" and hmac.compare_digest(signature.encode(), mac)


def _fits_public_key(signature: str, public: str, content: bytes) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(key_of(public))
        key.verify(base64.b64decode(signature, validate=True), content)
    except (ValueError, InvalidSignature):
        return False
    return True
