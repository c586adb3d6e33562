"""People of the tests: tokens signed by a key of ours, and the directory that gives the rights."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.auth.actor import ActorKind, Role
from shared.auth.directory import copy_org_unit, copy_staff
from shared.auth.rights import Scope
from shared.auth.tokens import (
    AUDIENCE,
    CUSTOMER_ISSUER,
    PARTNER_ISSUER,
    STAFF_ISSUER,
    KnownKeys,
)
from shared.clock import utcnow
from shared.contracts.tickets import OrgUnitChanged, StaffChanged
from shared.crypto.vault import Keyring, Vault
from shared.database import Database
from shared.ids import new_id

SIGNING_KEY = ECKey.generate_key("P-256", {"kid": "tests"})
KEYS = KnownKeys(KeySet([SIGNING_KEY]))

_RING = Keyring("k1", {"k1": bytes(range(32))})
_SERVICES = ("tickets", "surveys", "feedback", "reporting", "integrations")
VAULT = Vault(_RING, bytes(32), dict.fromkeys(_SERVICES, _RING))

ISSUERS = {
    ActorKind.STAFF: STAFF_ISSUER,
    ActorKind.CUSTOMER: CUSTOMER_ISSUER,
    ActorKind.PARTNER: PARTNER_ISSUER,
}


def signed(claims: dict[str, Any], key: ECKey = SIGNING_KEY) -> str:
    """Return a token with these claims."""
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


def token(kind: ActorKind, subject: UUID, roles: Sequence[str], **claims: Any) -> str:
    """Return a token as the right issuer would sign it."""
    plain = {"iss": ISSUERS[kind], "aud": AUDIENCE, "exp": int(time.time()) + 600}
    return signed(plain | {"sub": str(subject), "kind": kind, "roles": list(roles)} | claims)


@dataclass(frozen=True)
class Person:
    """Somebody with a client of his own."""

    id: UUID
    client: httpx.AsyncClient

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """Ask for something."""
        return await self.client.get(path, **options)

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """Do something, with a new Idempotency-Key unless one is given."""
        content = None if body is None else json.dumps(body)
        headers = {"Idempotency-Key": key or str(uuid4())}
        if content is not None:
            headers["Content-Type"] = "application/json"
        return await self.client.post(path, content=content, headers=headers)


@dataclass
class People:
    """Gives out people who may call an application; the directory lies in its database."""

    app: FastAPI
    database: Database
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    async def unit(self, *above: UUID, kind: str = "team") -> UUID:
        """Add a unit below those given, from the root downwards."""
        unit_id = new_id()
        changed = OrgUnitChanged(
            org_unit_id=unit_id,
            kind=kind,
            name="a unit",
            path=(*above, unit_id),
            valid_from=utcnow(),
            valid_to=None,
        )
        async with self.database.transaction() as session:
            await copy_org_unit(session, changed, epoch=1, sequence=1)
        return unit_id

    async def staff(self, *roles: Role, units: Sequence[UUID] = ()) -> Person:
        """Add a member of staff who works in the units."""
        staff_id = new_id()
        changed = StaffChanged(
            staff_id=staff_id,
            roles=tuple(roles),
            org_unit_ids=tuple(units),
            active=True,
        )
        async with self.database.transaction() as session:
            await copy_staff(session, changed, epoch=1, sequence=1)
        return self.known(staff_id, *roles)

    def known(self, staff_id: UUID, *roles: Role) -> Person:
        """Give a member of staff whom the directory has already."""
        return self.bearing(staff_id, token(ActorKind.STAFF, staff_id, roles))

    def customer(self, customer_id: UUID | None = None) -> Person:
        """Give a customer."""
        known = customer_id or new_id()
        return self.bearing(known, token(ActorKind.CUSTOMER, known, [Role.CUSTOMER]))

    def partner(self, *scopes: Scope) -> Person:
        """Give a partner's program whose token is for these scopes."""
        known = new_id()
        scope = " ".join(scopes)
        return self.bearing(known, token(ActorKind.PARTNER, known, [Role.PARTNER], scope=scope))

    def bearing(self, person_id: UUID, bearer: str | None) -> Person:
        """Give somebody with this token, or without any."""
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        return Person(person_id, self._client("127.0.0.1", headers))

    def at(self, address: str, person: Person) -> Person:
        """Give somebody as he is at another address."""
        return Person(person.id, self._client(address, person.client.headers))

    def _client(self, address: str, headers: Mapping[str, str]) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(
                self.app, raise_app_exceptions=False, client=(address, 50_000)
            ),
            base_url="http://careloop.test",
            headers=headers,
            timeout=60,
        )
        self._clients.append(client)
        return client

    async def leave(self) -> None:
        """Close the clients."""
        for client in self._clients:
            await client.aclose()
