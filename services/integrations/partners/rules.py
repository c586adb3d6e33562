"""Secrets of partners' clients: how one looks, what is kept of it, which of two still holds."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

PREFIX: Final = "careloop_cs_"
"""Scanners of repositories find a secret that was committed by what it begins with."""

SECRET_BYTES: Final = 32

LONGEST_GRACE_HOURS: Final = 7 * 24
"""A week is enough to bring a new secret to every machine of a partner."""


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """What is kept of a secret; without an end it holds until it is replaced."""

    secret_hash: bytes
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


def client_secret(randomness: bytes) -> str:
    """Return a secret as it is shown, once, to a partner."""
    return PREFIX + base64.urlsafe_b64encode(randomness).decode().rstrip("=")


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret: of 256 random bits a fast hash tells nothing."""
    return hashlib.sha256(secret.encode()).digest()


def the_one_meant(
    secret: str, known: Iterable[ClientSecret], *, now: datetime
) -> ClientSecret | None:
    """Return which of a client's secrets this is, None when it is none that holds."""
    shown = hash_of(secret)
    return next(
        (one for one in known if hmac.compare_digest(one.secret_hash, shown) and holds(one, now)),
        None,
    )


def holds(secret: ClientSecret, now: datetime) -> bool:
    """Return whether a secret is still to be believed."""
    return secret.expires_at is None or now < secret.expires_at
