"""Idempotency-Key: a POST that is repeated gets the first answer, and has its effect once.

Follows draft-ietf-httpapi-idempotency-key-header. The key is claimed in the transaction of the
work, so a twin that comes at the same time waits and then reads the stored answer. Answers are
stored encrypted: one may hold the address that its own table holds encrypted.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import (
    Column,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from shared.auth.actor import Actor
from shared.auth.callers import claimed_actor
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.database import Database, Session
from shared.errors import DomainError, StaleError
from shared.http.doors import PlannedRoute
from shared.http.plans import Handler
from shared.http.problems import ProblemError, problem_of
from shared.http.transaction import transaction, work_of
from shared.messaging import metadata
from shared.statements import Direct
from shared.sweeps import Sweep

KEY: Final = re.compile(r"^[A-Za-z0-9_\-:.]{8,255}$")
KEPT: Final = timedelta(hours=24)
"""A client that retries longer than a day has lost its answer for good."""

STORED_HEADERS: Final = ("content-type", "content-language", "etag", "location")

AN_ID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

idempotency_keys = Table(
    "idempotency_key",
    metadata,
    Column("principal", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", SmallInteger),
    Column("headers", JSONB),
    Column("body", LargeBinary),
    Column("about", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("ix_idempotency_key_expires_at", "expires_at"),
)
"""`about` has every id that the request's path and the answer name, so that the answers about an
erased customer are found; such an answer has no body any more."""


class IdempotentRoute(PlannedRoute):
    """A route whose POST needs an Idempotency-Key; other methods pass through."""

    def get_route_handler(self) -> Handler:
        """Return the route's handler with begin, claim, work, store and commit around it."""
        work = super().get_route_handler()
        if "POST" not in (self.methods or ()):
            return work

        async def handle(request: Request) -> Response:
            attempt = await _attempt(request)
            try:
                return await _once(request, attempt, work)
            except (DomainError, RequestValidationError) as error:
                if isinstance(error, StaleError):
                    raise
                await work_of(request).undo()
                return await _once(request, attempt, _refusing(error))

        return handle


WANTED: Final = (
    idempotency_keys.c.principal == bindparam("principal_"),
    idempotency_keys.c.key == bindparam("key_"),
)

_FRESH: Final = insert(idempotency_keys)
CLAIM: Final = Direct(
    _FRESH.on_conflict_do_update(
        index_elements=["principal", "key"],
        set_={
            column.name: _FRESH.excluded[column.name]
            for column in idempotency_keys.c
            if not column.primary_key
        },
        where=idempotency_keys.c.expires_at < bindparam("now_"),
    ).returning(idempotency_keys.c.key)
)
"""A key whose answer is kept no longer is claimed as if it had never been used."""

STORED: Final = select(idempotency_keys).where(*WANTED)
STORE: Final = Direct(update(idempotency_keys).where(*WANTED))


@dataclass(frozen=True, slots=True)
class _Attempt:
    principal: str
    key: str
    fingerprint: bytes

    @property
    def place(self) -> str:
        """Return where the answer is stored, without which it cannot be decrypted."""
        return f"answer:{self.principal}:{self.key}"

    @property
    def wanted(self) -> dict[str, str]:
        """Return which row is its own, for the statements above."""
        return {"principal_": self.principal, "key_": self.key}


async def _attempt(request: Request) -> _Attempt:
    """Return who tries what. Raises ProblemError 401, or 400 for a missing or malformed key."""
    actor: Actor = await claimed_actor(request)
    given = request.headers.getlist("idempotency-key")
    if not given:
        raise ProblemError(
            400, "idempotency_key_missing", "Send an Idempotency-Key, such as a UUID."
        )
    key = given[0].strip().strip('"')
    if len(given) > 1 or not KEY.match(key):
        raise ProblemError(400, "idempotency_key_invalid", "Send one key of 8 to 255 characters.")
    asked = f"{request.method} {request.scope['path']}?".encode() + request.scope["query_string"]
    content = asked + b"\n" + await request.body()
    # keyed: a body may hold a password, which a bare hash would let somebody guess
    fingerprint = hmac.digest(request.app.state.cursor_key, content, hashlib.sha256)
    return _Attempt(f"{actor.kind}:{actor.id}", key, fingerprint)


async def _once(request: Request, attempt: _Attempt, work: Handler) -> Response:
    """Do the work and store its answer, or return what is stored; all of it is one transaction."""
    vault: Vault = request.app.state.vault
    session = await transaction(request)
    stored = await _claim(session, vault, attempt, now=utcnow())
    if stored is not None:
        return stored
    response = await work(request)
    await _store(session, vault, attempt, response, path=request.scope["path"])
    await work_of(request).commit()
    return response


def _refusing(error: Exception) -> Handler:
    """Return the work that only answers what was refused, after all else was rolled back.

    A refusal that would always be the same is an answer to keep. If a twin was quicker meanwhile,
    its answer stands.
    """

    async def refuse(request: Request) -> Response:
        return problem_of(request, error)

    return refuse


async def _claim(
    session: Session, vault: Vault, attempt: _Attempt, *, now: datetime
) -> Response | None:
    """Claim the key; return the stored answer when it was used. Raises ProblemError 422."""
    claim = {
        "principal": attempt.principal,
        "key": attempt.key,
        "fingerprint": attempt.fingerprint,
        "expires_at": now + KEPT,
        "now_": now,
    }
    if await CLAIM.row(session, claim) is not None:
        return None
    row = (await session.execute(STORED, attempt.wanted)).one()
    if row.fingerprint != attempt.fingerprint:
        raise ProblemError(422, "idempotency_key_reused", "Use a new key for another request.")
    if row.body is None:
        raise ProblemError(410, "answer_erased", "It was done; what was answered was erased since.")
    body = vault.decrypt(row.body.decode(), context=attempt.place)
    return Response(body, row.status, {**row.headers, "Idempotency-Replayed": "true"})


async def _store(
    session: Session, vault: Vault, attempt: _Attempt, response: Response, *, path: str
) -> None:
    about = {UUID(found.decode()) for found in AN_ID.findall(path.encode() + bytes(response.body))}
    headers = {name: response.headers[name] for name in STORED_HEADERS if name in response.headers}
    body = vault.encrypt(bytes(response.body).decode(), context=attempt.place)
    answer = {
        "status": response.status_code,
        "headers": headers,
        "body": body.encode(),
        "about": sorted(about),
    }
    await STORE.rows(session, answer | attempt.wanted)


async def forget_expired_keys(database: Database, now: datetime) -> int:
    """Delete keys whose answers are kept no longer."""
    async with database.transaction() as session:
        await session.execute(delete(idempotency_keys).where(idempotency_keys.c.expires_at < now))
    return 0


FORGET_KEYS: Final = Sweep("idempotency_keys", timedelta(minutes=10), forget_expired_keys)
