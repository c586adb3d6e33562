"""Recompute the chain over the audit trail, and name what is not as it was sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select

from shared.audit import AUDIT_PARTITIONS, AuditEntry, audit_entries
from shared.crypto.vault import UnreadableError, Vault
from shared.database import Session
from shared.ids import first_id_at
from shared.partitions import oldest_week
from shared.sealing.chain import BEGINNING, GENESIS, Head, following
from shared.sealing.seal import (
    ALGORITHM,
    CONTEXT,
    LONGEST_TRANSACTION,
    head_of,
    newest_sealed,
    signed_part,
)
from shared.sealing.tables import audit_links, audit_seals

MOST_LATE = 100
"""Lines without a link that one answer names; one is enough to look closer."""


class Trouble(StrEnum):
    """What can be wrong with a sealed trail."""

    CHANGED = "changed"
    """The line does not say, or does not stand where, what was sealed."""
    MISSING = "missing"
    """The line is gone, and no retention took its week."""
    GAP = "gap"
    """Links are gone from the chain."""
    SEAL = "seal"
    """A seal is not of this chain, or nobody with the key made it."""
    UNSEALED = "unsealed"
    """The last links have no seal."""
    LATE = "late"
    """The line came when its time had been sealed already."""
    ANCHOR = "anchor"
    """The chain does not go through the anchor: it was cut, or made anew."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with its place in the chain and its line where it has them."""

    trouble: Trouble
    position: int | None = None
    entry_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A checked piece of the chain; `retired` lines went with a dropped week, `end` is its end.

    `until` is the last checked position, or where the chain ends when it ends before the piece.
    """

    checked: int
    retired: int
    until: int
    end: bool
    findings: Sequence[Finding]


async def verify_stretch(session: Session, vault: Vault, *, after: int, limit: int) -> Stretch:
    """Check up to `limit` links behind a position, and at the end what has no link or seal."""
    head = await _link_at(session, after) or Head(after - 1, GENESIS)  # a gap, if more follow
    rows = await _links(session, after, limit)
    retired_before = await oldest_week(session, AUDIT_PARTITIONS)
    found, retired = [], 0
    for row in rows:
        if row.position != head.position + 1:
            found.append(Finding(Trouble.GAP, head.position + 1))
        elif row.id is not None:
            if following(head, _entry(row)).hash != row.hash:
                found.append(Finding(Trouble.CHANGED, row.position, row.entry_id))
        elif retired_before is not None and row.entry_id < first_id_at(retired_before):
            retired += 1
        else:
            found.append(Finding(Trouble.MISSING, row.position, row.entry_id))
        head = Head(row.position, row.hash)
    until = head.position if rows else min(after, (await head_of(session)).position)
    found += await _wrong_seals(session, vault, after, until)
    end = len(rows) < limit
    if end:
        found += await _without_seal(session, until) + await _without_link(session)
    return Stretch(len(rows), retired, until, end, found)


async def verify_anchor(session: Session, anchor: Head) -> list[Finding]:
    """Return what is wrong when the chain does not go through a head that was kept elsewhere."""
    known = await _link_at(session, anchor.position)
    return [] if known == anchor else [Finding(Trouble.ANCHOR, anchor.position)]


async def _link_at(session: Session, position: int) -> Head | None:
    """Return a link, None when it is not there; before the first stands BEGINNING."""
    if position == BEGINNING.position:
        return BEGINNING
    statement = select(audit_links.c.hash).where(audit_links.c.position == position)
    digest = await session.scalar(statement)
    return None if digest is None else Head(position, digest)


async def _links(session: Session, after: int, limit: int) -> Sequence[Row[Any]]:
    statement = (
        select(audit_links, *audit_entries.c)
        .join(audit_entries, audit_entries.c.id == audit_links.c.entry_id, isouter=True)
        .where(audit_links.c.position > after)
        .order_by(audit_links.c.position)
        .limit(limit)
    )
    return (await session.execute(statement)).all()


def _entry(row: Row[Any]) -> AuditEntry:
    known = row._asdict()
    return AuditEntry(**{column.name: known[column.name] for column in audit_entries.c})


async def _wrong_seals(session: Session, vault: Vault, after: int, until: int) -> list[Finding]:
    """Return the seals of a piece that do not fit the link of their position, or are forged."""
    statement = (
        select(audit_seals, audit_links.c.hash.label("link"))
        .join(audit_links, audit_links.c.position == audit_seals.c.position, isouter=True)
        .where(audit_seals.c.position > after, audit_seals.c.position <= until)
        .order_by(audit_seals.c.position)
    )
    rows = (await session.execute(statement)).all()
    return [
        Finding(Trouble.SEAL, row.position)
        for row in rows
        if row.hash != row.link or not _is_ours(row, vault)
    ]


def _is_ours(seal: Row[Any], vault: Vault) -> bool:
    content = signed_part(Head(seal.position, seal.hash))
    try:
        vault.data.check(seal.kid, seal.mac, content, context=CONTEXT)
    except UnreadableError:
        return False
    return bool(seal.alg == ALGORITHM)


async def _without_seal(session: Session, until: int) -> list[Finding]:
    """Return whether the chain ends with links, or with seals, that have no counterpart."""
    statement = select(audit_seals.c.position).order_by(audit_seals.c.position.desc()).limit(1)
    sealed = await session.scalar(statement) or 0
    last = (await head_of(session)).position
    if last < sealed:
        return [Finding(Trouble.GAP, last + 1)]
    return [Finding(Trouble.UNSEALED, sealed + 1)] if sealed < until else []


async def _without_link(session: Session) -> list[Finding]:
    """Return lines for which the sealer does not look any more."""
    newest = await newest_sealed(session)
    if newest is None:
        return []
    since = newest - LONGEST_TRANSACTION
    linked = exists().where(audit_links.c.entry_id == audit_entries.c.id)
    statement = (
        select(audit_entries.c.id)
        .where(audit_entries.c.id < first_id_at(since), ~linked)
        .order_by(audit_entries.c.id)
        .limit(MOST_LATE)
    )
    return [Finding(Trouble.LATE, None, one) for one in await session.scalars(statement)]
