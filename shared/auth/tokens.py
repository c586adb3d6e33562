"""Bearer tokens: signed JWTs whose issuer may assert certain kinds of actors only."""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

import httpx
import structlog
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from shared.auth.actor import STAFF_ROLES, Actor, ActorKind, Role
from shared.clock import utcnow

AUDIENCE: Final = "careloop"
STAFF_ISSUER: Final = "careloop-staff"
CUSTOMER_ISSUER: Final = "careloop-customers"
PARTNER_ISSUER: Final = "careloop-partners"

KINDS: Final[Mapping[str, frozenset[ActorKind]]] = {
    STAFF_ISSUER: frozenset({ActorKind.STAFF}),
    CUSTOMER_ISSUER: frozenset({ActorKind.CUSTOMER}),
    PARTNER_ISSUER: frozenset({ActorKind.PARTNER}),
}
"""Who issues the tokens of customers or partners can never make somebody staff."""

ROLES_OF_KIND: Final[Mapping[ActorKind, frozenset[Role]]] = {
    ActorKind.STAFF: STAFF_ROLES,
    ActorKind.CUSTOMER: frozenset({Role.CUSTOMER}),
    ActorKind.PARTNER: frozenset({Role.PARTNER}),
}

ALGORITHMS: Final = ["ES256"]
VERIFIED_KEPT: Final = 4096
"""Verifying costs as much as the rest of a small request; so many people call within an hour."""

LEEWAY_SECONDS: Final = 30
"""Clocks of machines differ by seconds; more would keep expired tokens alive."""

REFRESH_SECONDS: Final = 600
REFETCH_SECONDS: Final = 30
"""A flood of unknown key ids must not become a flood of requests to the issuer."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token whose signature was right under these keys; other keys have to look anew."""

    kid: str | None
    keys: KeySet
    claims: Mapping[str, Any]


_verified: Final[dict[bytes, _Verified]] = {}
"""By the token's hash, those seen first at the front. Its time is judged at every use."""

REGISTRY: Final = JWTClaimsRegistry(
    now=lambda: int(utcnow().timestamp()),
    leeway=LEEWAY_SECONDS,
    iss={"essential": True, "values": list(KINDS)},
    aud={"essential": True, "value": AUDIENCE},
    exp={"essential": True},
    sub={"essential": True},
)


class InvalidTokenError(Exception):
    """The token is not one of ours, was changed, or its time is over."""


class Keys(Protocol):
    """Where the public keys come from."""

    async def find(self, kid: str | None) -> KeySet:
        """Return the keys, asking anew when this key id is not among those known."""


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """Keys of an issuer in the same process."""

    keys: KeySet

    async def find(self, kid: str | None) -> KeySet:  # noqa: ARG002 - the protocol's signature
        """Return the keys."""
        return self.keys


class FetchedKeys:
    """Keys of an issuer elsewhere, by its JWKS URL; the last good set is kept."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._url = url
        self._client = client
        self._keys: KeySet | None = None
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: str | None) -> KeySet:
        """Return the keys; raises InvalidTokenError while none could be fetched yet."""
        async with self._lock:
            age = time.monotonic() - self._asked_at
            unknown = kid is not None and kid not in _key_ids(self._keys)
            if age > REFRESH_SECONDS or (unknown and age > REFETCH_SECONDS):
                self._asked_at = time.monotonic()
                await self._fetch()
        if self._keys is None:
            msg = "the issuer's keys are not known yet"
            raise InvalidTokenError(msg)
        return self._keys

    async def _fetch(self) -> None:
        try:
            answer = await self._client.get(self._url, timeout=5, follow_redirects=False)
            answer.raise_for_status()
            self._keys = KeySet.import_key_set(answer.json())
        except (httpx.HTTPError, JoseError, ValueError, LookupError, TypeError) as error:
            log.warning("keys_not_fetched", error=type(error).__name__)


async def read_token(token: str, keys: Keys) -> Actor:
    """Return who a token says that its bearer is. Raises InvalidTokenError.

    The roles are what the token claims; for staff the directory has the last word.
    """
    try:
        claims = await _claims(token, keys)
        issuer, kind = str(claims["iss"]), ActorKind(str(claims["kind"]))
        subject = UUID(str(claims["sub"]))
        named = {str(role) for role in claims.get("roles", [])}
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidTokenError(type(error).__name__) from error
    if kind not in KINDS.get(issuer, frozenset()):
        msg = f"{issuer} cannot assert {kind}"
        raise InvalidTokenError(msg)
    roles = frozenset(role for role in ROLES_OF_KIND[kind] if role in named)
    scopes = _scopes(claims) if kind is ActorKind.PARTNER else frozenset()
    return Actor(kind, subject, roles, scopes=scopes)


async def _claims(token: str, keys: Keys) -> Mapping[str, Any]:
    name = hashlib.sha256(token.encode()).digest()
    known = _verified.get(name)
    kid = jws.extract_compact(token.encode()).headers().get("kid") if known is None else known.kid
    present = await keys.find(kid)
    if known is None or known.keys is not present:
        claims = jwt.decode(token, present, algorithms=ALGORITHMS).claims
        known = _Verified(kid, present, claims)
        _remember(name, known)
    REGISTRY.validate(dict(known.claims))
    return known.claims


def _remember(name: bytes, verified: _Verified) -> None:
    _verified[name] = verified
    if len(_verified) > VERIFIED_KEPT:
        del _verified[next(iter(_verified))]


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the scopes that a token was issued for (RFC 9068: divided by spaces)."""
    scope = claims.get("scope")
    return frozenset(scope.split()) if isinstance(scope, str) else frozenset()


def _key_ids(keys: KeySet | None) -> set[str]:
    return set() if keys is None else {str(key.kid) for key in keys.keys}
