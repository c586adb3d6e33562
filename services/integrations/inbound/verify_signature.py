"""Whether a request comes from its source: one strategy a scheme, on the raw bytes, pure."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.integrations.inbound.pointer_rules import text_at
from services.integrations.inbound.scheme_rules import Scheme, SignaturePlace, covered
from services.integrations.inbound.vocabulary import Encoding, TimestampUnit, Verifier
from services.integrations.partners import standard_webhooks
from services.integrations.partners.standard_webhooks import MOST_SIGNATURES, TOLERANCE_SECONDS
from services.integrations.partners.vocabulary import SignatureRefusal

_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_DIGITS: Final = {
    TimestampUnit.SECONDS: re.compile(r"[0-9]{1,12}"),
    TimestampUnit.MILLISECONDS: re.compile(r"[0-9]{1,15}"),
}
LONGEST_KEY: Final = 200
NAMED: Final = "id:"
"""What a key begins with that stands in a body, where it may be somebody's number."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came; the names of its headers are small."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def verify_signature(
    request: SignedRequest, scheme: Scheme, secrets: Sequence[str], now: datetime
) -> SignatureRefusal | None:
    """Return why a request is not believed, None when it is."""
    if scheme.verifier is Verifier.STANDARD_WEBHOOKS:
        return standard_webhooks.verify(secrets, request.headers, request.body, now)
    place = scheme.signature
    if place is None:
        return SignatureRefusal.HEADERS_MISSING
    candidates = _candidates(request, place)
    timestamp = _timestamp(request, scheme)
    if not candidates or timestamp == "":
        return SignatureRefusal.HEADERS_MISSING
    values = {
        "method": request.method.encode(),
        "url": request.url.encode(),
        "timestamp": (timestamp or "").encode(),
        "body": request.body,
    }
    content = covered(place.template, values)
    macs = [hmac.digest(secret.encode(), content, hashlib.sha256) for secret in secrets]
    shown = [_decoded(candidate, place) for candidate in candidates]
    if not any(hmac.compare_digest(one, mac) for one in shown for mac in macs):
        return SignatureRefusal.SIGNATURE_WRONG
    return None if timestamp is None else _judge_time(timestamp, scheme, now)


def delivery_key(request: SignedRequest, scheme: Scheme) -> str:
    """Return by what a repetition of this delivery is known: only what its signature covers.

    A header that nobody signed would let a stranger send an old delivery as a new one.
    """
    if scheme.verifier is Verifier.STANDARD_WEBHOOKS:
        return request.headers.get("webhook-id", "")
    named = text_at(request.body, scheme.id_pointer) if scheme.id_pointer else None
    if named and len(named) <= LONGEST_KEY:
        return NAMED + named
    content = (_timestamp(request, scheme) or "").encode() + b"." + request.body
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _candidates(request: SignedRequest, place: SignaturePlace) -> list[str]:
    value = request.headers.get(place.header, "")
    found = [value] if place.key is None else _pairs(value, place.key)
    cut = [one.removeprefix(place.prefix) for one in found if one.startswith(place.prefix)]
    return [one for one in cut if one][:MOST_SIGNATURES]


def _timestamp(request: SignedRequest, scheme: Scheme) -> str | None:
    """Return the instant as it is written, empty when it is missing, None without one."""
    place = scheme.timestamp
    if place is None:
        return None
    if place.header is not None:
        return request.headers.get(place.header, "")
    signature = scheme.signature
    header = request.headers.get(signature.header, "") if signature else ""
    return next(iter(_pairs(header, place.key or "")), "")


def _pairs(header: str, key: str) -> list[str]:
    """Return the values of a key in a header such as `t=1614265330,v1=ab,v1=cd`."""
    parts = (part.strip().partition("=") for part in header.split(","))
    return [value for name, _, value in parts if name == key]


def _decoded(candidate: str, place: SignaturePlace) -> bytes:
    """Return a signature's bytes, none when it is not written as it should be."""
    if place.encoding is Encoding.HEX:
        return bytes.fromhex(candidate) if _HEX.fullmatch(candidate) else b""
    try:
        return base64.b64decode(candidate, validate=True)
    except ValueError:
        return b""


def _judge_time(timestamp: str, scheme: Scheme, now: datetime) -> SignatureRefusal | None:
    unit = scheme.timestamp.unit if scheme.timestamp else TimestampUnit.SECONDS
    seconds = _seconds(timestamp, unit)
    if seconds is None:
        return SignatureRefusal.HEADERS_MALFORMED
    if abs(now.timestamp() - seconds) > TOLERANCE_SECONDS:
        return SignatureRefusal.TIMESTAMP_OUTSIDE
    return None


def _seconds(timestamp: str, unit: TimestampUnit) -> float | None:
    if unit is not TimestampUnit.ISO8601:
        scale = 1000 if unit is TimestampUnit.MILLISECONDS else 1
        return int(timestamp) / scale if _DIGITS[unit].fullmatch(timestamp) else None
    try:
        instant = datetime.fromisoformat(timestamp)
        return instant.astimezone(UTC).timestamp() if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None
