"""The arithmetic of the chain: pure, so that anybody with an export can check it.

`hash_n = SHA-256(hash_{n-1} || line_n)`, a line being JSON with sorted keys, without spaces, in
UTF-8 (RFC 8785 for what our lines hold); before the first line stand 32 bytes of zero.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

import orjson

from shared.audit import AuditEntry

GENESIS: Final = bytes(32)
ANCHOR: Final = re.compile(r"(?P<position>\d{1,18}):(?P<hash>[A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain; `str()` of it is the anchor to keep elsewhere."""

    position: int
    hash: bytes

    def __str__(self) -> str:
        """Return `position:hash`, the hash as base64url: no run of digits that logs would mask."""
        return f"{self.position}:{base64.urlsafe_b64encode(self.hash).decode().rstrip('=')}"


BEGINNING: Final = Head(0, GENESIS)


def head_named(anchor: str) -> Head:
    """Return the head that an anchor names. Raises ValueError for what is none."""
    found = ANCHOR.fullmatch(anchor)
    if found is None:
        msg = f"{anchor!r} is no anchor: it looks like 42:uLPRvG…"
        raise ValueError(msg)
    return Head(int(found["position"]), base64.urlsafe_b64decode(found["hash"] + "="))


def linked(previous: bytes, content: Mapping[str, Any]) -> bytes:
    """Return the hash of a line that follows on another one."""
    return hashlib.sha256(previous + orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def following(head: Head, entry: AuditEntry) -> Head:
    """Return the head of the chain once a line was added."""
    position = head.position + 1
    return Head(position, linked(head.hash, _content(position, entry)))


def _content(position: int, entry: AuditEntry) -> dict[str, Any]:
    """Return all that a line says, and where it stands."""
    return {
        "seq": position,
        "id": str(entry.id),
        "at": entry.at.astimezone(UTC).isoformat(),
        "action": entry.action,
        "actor_kind": entry.actor_kind,
        "actor_id": entry.actor_id and str(entry.actor_id),
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id and str(entry.subject_id),
        "detail": dict(entry.detail),
        "correlation_id": entry.correlation_id,
    }
