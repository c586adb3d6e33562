"""Seal the audit trail: committed lines are chained, and every batch is signed.

Lines commit unchained: a chain inside their transactions would let one write at a time.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import insert, select

from shared.audit import AuditEntry, audit_entries
from shared.crypto.vault import Vault
from shared.database import Database, Session
from shared.ids import first_id_at, instant_of
from shared.locks import SEAL, try_lock
from shared.sealing.chain import BEGINNING, Head, following
from shared.sealing.tables import audit_links, audit_seals
from shared.sweeps import Sweep

ALGORITHM: Final = "HS256"
CONTEXT: Final = "audit seal"

BATCH: Final = 1000
"""A tenth of a second of work in one transaction, and as many parameters as one statement has."""

LONGEST_TRANSACTION: Final = timedelta(minutes=5)
"""A line is looked for so long after it was written; one that commits later was not ours."""

USUAL_TRANSACTION: Final = timedelta(seconds=2)
"""What is looked through every second; all of the last five minutes would cost a busy trail more
than sealing does (10,000 lines: 30 ms). What commits later is sealed within half a minute."""

log = structlog.get_logger()


def sealing_sweeps(service: str, vault: Vault) -> tuple[Sweep, Sweep, Sweep]:
    """Return what seals new lines, what seals late ones, and what tells the log the head daily."""

    async def seal(database: Database, now: datetime) -> int:
        return await seal_recent(database, vault, now=now)

    async def seal_late(database: Database, now: datetime) -> int:
        return await seal_entries(database, vault, now=now)

    async def anchor(database: Database, _now: datetime) -> int:
        async with database.transaction() as session:
            log.info("audit_anchor", service=service, anchor=str(await head_of(session)))
        return 0

    return (
        Sweep("audit_seal", timedelta(seconds=1), seal),
        Sweep("audit_seal_late", timedelta(seconds=30), seal_late),
        Sweep("audit_anchor", timedelta(days=1), anchor),
    )


async def seal_entries(database: Database, vault: Vault, *, now: datetime) -> int:
    """Chain up to BATCH committed lines and sign the new head; return how many there were.

    Looked for are lines that were written since LONGEST_TRANSACTION before the newest sealed one.
    """
    return await _seal(database, vault, lambda newest: newest - LONGEST_TRANSACTION, now=now)


async def seal_recent(database: Database, vault: Vault, *, now: datetime) -> int:
    """Do the same for what was written lately."""
    return await _seal(database, vault, lambda newest: recent(newest, now), now=now)


def recent(newest: datetime, now: datetime) -> datetime:
    """Return from when on lines may still be without a link, as a rule.

    When nothing is written any more, what was written just before needs not be looked through
    every second for ever.
    """
    return max(newest - USUAL_TRANSACTION, min(newest, now - USUAL_TRANSACTION))


async def _seal(
    database: Database, vault: Vault, since: Callable[[datetime], datetime], *, now: datetime
) -> int:
    async with database.transaction() as session:
        if not await try_lock(session, SEAL):
            return 0
        head, newest = await head_of(session), await newest_sealed(session)
        entries = await _unsealed(session, None if newest is None else since(newest))
        if not entries:
            return 0
        links = []
        for entry in entries:
            head = following(head, entry)
            links.append({"position": head.position, "entry_id": entry.id, "hash": head.hash})
        await session.execute(insert(audit_links), links)
        await _sign(session, vault, head, now=now)
    return len(entries)


async def _sign(session: Session, vault: Vault, head: Head, *, now: datetime) -> None:
    kid, mac = vault.data.authenticate(signed_part(head), context=CONTEXT)
    await session.execute(
        insert(audit_seals).values(
            position=head.position,
            hash=head.hash,
            alg=ALGORITHM,
            kid=kid,
            mac=mac,
            sealed_at=now,
        )
    )


async def head_of(session: Session) -> Head:
    """Return the last link of the chain; BEGINNING while there is none."""
    statement = select(audit_links.c.position, audit_links.c.hash)
    last = statement.order_by(audit_links.c.position.desc()).limit(1)
    row = (await session.execute(last)).one_or_none()
    return BEGINNING if row is None else Head(row.position, row.hash)


async def newest_sealed(session: Session) -> datetime | None:
    """Return when the newest sealed line was written; None while nothing is sealed."""
    newest = select(audit_links.c.entry_id).order_by(audit_links.c.entry_id.desc()).limit(1)
    last = await session.scalar(newest)
    return None if last is None else instant_of(last)


def signed_part(head: Head) -> bytes:
    """Return what a seal's `mac` is about."""
    return b"%d:%b" % (head.position, head.hash)


async def _unsealed(session: Session, since: datetime | None) -> Sequence[AuditEntry]:
    """Return committed lines without a link, in the order in which they were written."""
    known = select(audit_links.c.entry_id).where(audit_links.c.entry_id == audit_entries.c.id)
    statement = select(audit_entries)
    if since is not None:
        first = first_id_at(since)
        statement = statement.where(audit_entries.c.id >= first)
        known = known.where(audit_links.c.entry_id >= first)  # else all links may be read
    rows = await session.execute(
        statement.where(~known.exists()).order_by(audit_entries.c.id).limit(BATCH)
    )
    return [AuditEntry(**row._asdict()) for row in rows]
