"""What a token says, how long it holds, and where a sign-in may lead."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

DEVELOPMENT_GRANT: Final = "urn:careloop:development"

TOKEN_LIFE: Final = timedelta(hours=1)
"""Nothing revokes a token before its time; the directory's copy takes rights away at once."""

DEVELOPMENT_LIFE: Final = timedelta(hours=12)
"""A working day, so that nobody who tries the system out signs in twice."""

SHORTEST_PASSWORD: Final = 15
"""NIST SP 800-63B-4: 15 characters where there is no second factor, and no rules about signs."""

LONGEST_PASSWORD: Final = 128
"""A longer one only costs hashing time."""

LONGEST_PATH: Final = 500
HOME: Final = "/dashboard"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token is for, and which kind of actor its issuer asserts."""

    id: UUID
    kind: str
    roles: tuple[str, ...]


def claims_of(
    bearer: Bearer, *, issuer: str, audience: str, now: datetime, life: timedelta
) -> dict[str, Any]:
    """Return what a token says."""
    return {
        "iss": issuer,
        "aud": audience,
        "sub": str(bearer.id),
        "kind": bearer.kind,
        "roles": sorted(bearer.roles),
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }


def local_path(wanted: str | None) -> str:
    """Return a path of this origin to go on to; anything else leads home.

    Browsers take two slashes, backslashes and control characters for the address of another host.
    """
    if not wanted or len(wanted) > LONGEST_PATH or not wanted.startswith("/"):
        return HOME
    if wanted.startswith("//") or "\\" in wanted or not wanted.isprintable():
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    return HOME if parts.scheme or parts.netloc else wanted


def shared_roles(known: Collection[str], staff: Collection[str]) -> tuple[str, ...]:
    """Return the roles of a person that staff may have, sorted."""
    return tuple(sorted(set(known) & set(staff)))
