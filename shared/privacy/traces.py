"""Where a customer's words lie besides the tables that are about him.

Stored answers of repeated requests, letters that wait for the bus, and messages that could not be
handled: each service has them, and none of its capabilities knows them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import delete, func, or_, select, update

from shared.auth.actor import ActorKind
from shared.crypto.vault import UnreadableError, Vault
from shared.database import Session
from shared.dead_letters.keep import DeadLetterState, Failure
from shared.dead_letters.settle import OPEN
from shared.dead_letters.tables import dead_letters
from shared.http.idempotency import idempotency_keys
from shared.outbox.tables import outbox
from shared.privacy.tombstones import erased_among

A_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

BECAUSE: Final = "The customer whom it was about was erased."

SPACED: Final = re.compile(r"(?<=\d)[\s()\-.–—]+(?=\d)")
"""How people write long numbers."""

ABOUT: Final = re.compile(rf'"customer_id": ?"({A_UUID})"')
"""How a letter of ours names the customer whom it is about."""

NATIONAL_DIGITS: Final = 11
"""A number is written with its country or without."""


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a customer is found: his id, the ids of what is his, the addresses he had."""

    customer_id: UUID
    subjects: frozenset[UUID] = frozenset()
    addresses: frozenset[str] = frozenset()

    @property
    def ids(self) -> list[UUID]:
        """Return all ids, in order."""
        return sorted({self.customer_id, *self.subjects})

    def in_text(self, content: str) -> bool:
        """Return whether a text names the customer."""
        if any(str(one) in content for one in self.ids):
            return True
        plain = SPACED.sub("", content).lower()
        return any(_needle(address) in plain for address in self.addresses)


async def erase_traces(session: Session, vault: Vault, traces: Traces, *, now: datetime) -> int:
    """Erase what this service's ground keeps of a customer; return how many rows."""
    answers = await session.execute(
        update(idempotency_keys)
        .where(
            or_(
                idempotency_keys.c.about.overlap(traces.ids),
                idempotency_keys.c.principal == f"{ActorKind.CUSTOMER}:{traces.customer_id}",
            ),
            idempotency_keys.c.body.is_not(None),
        )
        .values(body=None)
    )
    letters = await session.execute(
        delete(outbox).where(
            outbox.c.recipient.is_not(None),
            outbox.c.published_at.is_(None),
            outbox.c.subject.in_(traces.ids),
        )
    )
    dead = await _empty_dead_letters(session, vault, traces, now=now)
    return answers.rowcount + letters.rowcount + dead


async def _empty_dead_letters(
    session: Session, vault: Vault, traces: Traces, *, now: datetime
) -> int:
    """Take the content of dead letters that name the customer; an event's are ids and stay."""
    kept = dead_letters
    rows = await session.stream(
        select(kept.c.id, kept.c.queue, kept.c.body).where(func.length(kept.c.body) > 0)
    )
    found = [
        row.id
        async for row in rows
        if not _is_event(row.body) and traces.in_text(_content(vault, row.queue, row.body))
    ]
    if found:
        settled = {"settled_at": now, "settled_because": BECAUSE}
        await session.execute(
            update(kept)
            .where(kept.c.id.in_(found), kept.c.state.in_([*OPEN, DeadLetterState.REPLAYING]))
            .values(state=DeadLetterState.DISCARDED, **settled)
        )
        await session.execute(update(kept).where(kept.c.id.in_(found)).values(body=b""))
    return len(found)


async def without_erased(
    session: Session, vault: Vault, failures: Sequence[Failure]
) -> list[Failure]:
    """Return failures as they may be kept: a letter about an erased customer without its body."""
    about = {one.message.id: _customer(vault, one) for one in failures}
    erased = await erased_among(session, about.values())
    return [
        replace(one, message=replace(one.message, body=b""))
        if about[one.message.id] in erased
        else one
        for one in failures
    ]


def _customer(vault: Vault, failure: Failure) -> UUID | None:
    """Return whom a letter to us says that it is about."""
    body = failure.message.body
    found = None if _is_event(body) else ABOUT.search(_content(vault, failure.queue, body))
    return UUID(found[1]) if found else None


def _is_event(body: bytes) -> bool:
    data = _envelope(body).get("data")
    return isinstance(data, dict) and "sealed" not in data


def _content(vault: Vault, queue: str, body: bytes) -> str:
    """Return what a message says, opened if it is a letter to us, else as it came."""
    outside = body.decode(errors="replace")
    data = _envelope(body).get("data")
    if not isinstance(data, dict):
        return outside
    try:
        return outside + vault.open_letter(queue.partition(".")[0], data).decode()
    except UnreadableError:
        return outside


def _envelope(body: bytes) -> dict[str, object]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def _needle(address: str) -> str:
    """Return the part of an address that every way of writing it has."""
    if "@" not in address and (digits := re.sub(r"\D", "", address)) == address.lstrip("+"):
        return digits[-NATIONAL_DIGITS:]
    return address.lower()
