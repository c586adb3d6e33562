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

RETRY_SECONDS: Final = 1
"""An issuer that did not answer is asked again so soon: meanwhile callers are put off."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token whose signature was right under these keys; other keys have to look anew."""

    kid: str | None
    keys: KeySet
    expires: int
    actor: Actor


_verified: Final[dict[bytes, _Verified]] = {}
"""By the token's hash, those seen first at the front. Its end is judged at every use."""

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


class IssuerAwayError(Exception):
    """Nobody can tell now whether the token is one of ours: the issuer did not give its keys."""


class Keys(Protocol):
    """Where the public keys come from."""

    async def find(self, kid: str | None) -> KeySet:
        """Return the keys, asking anew when this key id is not among those known.

        Raises IssuerAwayError.
        """


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
        self._ids: frozenset[str] = frozenset()
        self._asked_at = float("-inf")
        self._answered = False
        self._lock = asyncio.Lock()

    async def find(self, kid: str | None) -> KeySet:
        """Return the keys. Raises IssuerAwayError when they are needed and could not be fetched."""
        if self._is_due(kid):
            async with self._lock:
                if self._is_due(kid):  # nobody fetched them while we waited
                    await self._fetch()
                    self._asked_at = time.monotonic()  # until now everybody waits for the keys
        if self._keys is None or (self._is_unknown(kid) and not self._answered):
            raise IssuerAwayError
        return self._keys

    def _is_unknown(self, kid: str | None) -> bool:
        return self._keys is None or (kid is not None and kid not in self._ids)

    def _is_due(self, kid: str | None) -> bool:
        age = time.monotonic() - self._asked_at
        soon = REFETCH_SECONDS if self._answered else RETRY_SECONDS
        return age > REFRESH_SECONDS or (self._is_unknown(kid) and age > soon)

    async def _fetch(self) -> None:
        self._answered = False
        try:
            answer = await self._client.get(self._url, timeout=5, follow_redirects=False)
            answer.raise_for_status()
            keys = KeySet.import_key_set(answer.json())
            self._keys, self._ids = keys, frozenset(str(key.kid) for key in keys.keys)
            self._answered = True
        except (httpx.HTTPError, JoseError, ValueError, LookupError, TypeError) as error:
            log.warning("keys_not_fetched", error=type(error).__name__)


async def read_token(token: str, keys: Keys) -> Actor:
    """Return who a token says that its bearer is. Raises InvalidTokenError, IssuerAwayError.

    The roles are what the token claims; for staff the directory has the last word.
    """
    name = hashlib.sha256(token.encode()).digest()
    known = _verified.get(name)
    try:
        kid = _kid(token) if known is None else known.kid
        present = await keys.find(kid)
        if known is None or known.keys is not present:
            known = _verify(token, kid, present)
            _remember(name, known)
        REGISTRY.validate_exp(known.expires)
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidTokenError(type(error).__name__) from error
    return known.actor


def _kid(token: str) -> str | None:
    kid: str | None = jws.extract_compact(token.encode()).headers().get("kid")
    return kid


def _verify(token: str, kid: str | None, keys: KeySet) -> _Verified:
    claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    REGISTRY.validate(dict(claims))
    return _Verified(kid, keys, claims["exp"], _actor(claims))


def _actor(claims: Mapping[str, Any]) -> Actor:
    issuer, kind = str(claims["iss"]), ActorKind(str(claims["kind"]))
    if kind not in KINDS.get(issuer, frozenset()):
        msg = f"{issuer} cannot assert {kind}"
        raise InvalidTokenError(msg)
    named = {str(role) for role in claims.get("roles", [])}
    roles = frozenset(role for role in ROLES_OF_KIND[kind] if role in named)
    scopes = _scopes(claims) if kind is ActorKind.PARTNER else frozenset()
    return Actor(kind, UUID(str(claims["sub"])), roles, scopes=scopes)


def _remember(name: bytes, verified: _Verified) -> None:
    _verified[name] = verified
    if len(_verified) > VERIFIED_KEPT:
        del _verified[next(iter(_verified))]


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the scopes that a token was issued for (RFC 9068: divided by spaces)."""
    scope = claims.get("scope")
    return frozenset(scope.split()) if isinstance(scope, str) else frozenset()
