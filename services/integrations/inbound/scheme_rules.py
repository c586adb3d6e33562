"""Signature schemes as data: where the signature stands, how it is written, what it covers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.integrations.inbound.vocabulary import Encoding, TimestampUnit, Verifier

SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{1,47}")
"""What an address of a source may be; it is a code in messages too."""

BODY: Final = "body"
TIMESTAMP: Final = "timestamp"
PARTS: Final = re.compile(r"\{(method|url|timestamp|body)\}")
"""What a template may name; all else in it stands for itself."""


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """Where the signature is: a header, or with `key` one of its `key=value` pairs."""

    header: str
    encoding: Encoding
    prefix: str
    key: str | None
    template: str


@dataclass(frozen=True, slots=True)
class TimestampPlace:
    """Where the instant is: a header, or a pair of the signature's header."""

    unit: TimestampUnit
    header: str | None
    key: str | None


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a source signs, and where a signed body names its delivery."""

    verifier: Verifier
    signature: SignaturePlace | None = None
    timestamp: TimestampPlace | None = None
    id_pointer: str | None = None


def scheme_of(document: Mapping[str, Any]) -> Scheme:
    """Return a scheme from the document that keeps it."""
    signature, timestamp = document.get("signature"), document.get("timestamp")
    return Scheme(
        verifier=Verifier(document["verifier"]),
        signature=SignaturePlace(**signature | {"encoding": Encoding(signature["encoding"])})
        if signature
        else None,
        timestamp=TimestampPlace(**timestamp | {"unit": TimestampUnit(timestamp["unit"])})
        if timestamp
        else None,
        id_pointer=document.get("id_pointer"),
    )


def wrong_with_template(template: str, *, timestamped: bool) -> str | None:
    """Return what is wrong with what a signature covers, None when nothing is."""
    named = PARTS.findall(template)
    if named.count(BODY) != 1:
        return "The template names {body} once."
    if named.count(TIMESTAMP) != int(timestamped):
        return "The template names {timestamp} once, and only where there is one."
    if "{" in PARTS.sub("", template):
        return "The template knows {method}, {url}, {timestamp} and {body}."
    return None


def covered(template: str, values: Mapping[str, bytes]) -> bytes:
    """Return the bytes that a signature covers."""
    pieces = PARTS.split(template)  # every second piece is a name
    return b"".join(
        values[piece] if place % 2 else piece.encode() for place, piece in enumerate(pieces)
    )
