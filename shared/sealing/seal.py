"""Seal the audit trail: committed lines are chained, and every batch is signed.

Lines commit unchained: a chain inside their transactions would let one write at a time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func, insert, select

from shared.audit import AuditEntry, audit_entries
from shared.crypto.vault import Vault
from shared.database import Database, Session
from shared.ids import first_id_at, instant_of
from shared.locks import SEAL
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
than sealing does (10,000 lines: 30 ms)."""

log = structlog.get_logger()


def sealing_sweeps(service: str, vault: Vault) -> tuple[Sweep, Sweep, Sweep]:
    """Return what seals new lines, what seals late ones, and what tells the log the head daily."""

    async def seal(database: Database, now: datetime) -> int:
        return await seal_entries(database, vault, now=now, behind=USUAL_TRANSACTION)

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


async def seal_entries(
    database: Database, vault: Vault, *, now: datetime, behind: timedelta = LONGEST_TRANSACTION
) -> int:
    """Chain up to BATCH committed lines and sign the new head; return how many there were.

    Looked for are lines that were written since `behind` before the newest sealed one.
    """
    async with database.transaction() as session:
        if not await session.scalar(select(func.pg_try_advisory_xact_lock(SEAL))):
            return 0
        head = await head_of(session)
        entries = await _unsealed(session, behind)
        if not entries:
            return 0
        links = []
        for entry in entries:
            head = following(head, entry)
            links.append({"position": head.position, "entry_id": entry.id, "hash": head.hash})
        await session.execute(insert(audit_links), links)
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
    return len(entries)


async def head_of(session: Session) -> Head:
    """Return the last link of the chain; BEGINNING while there is none."""
    statement = select(audit_links.c.position, audit_links.c.hash)
    last = statement.order_by(audit_links.c.position.desc()).limit(1)
    row = (await session.execute(last)).one_or_none()
    return BEGINNING if row is None else Head(row.position, row.hash)


async def looked_for_since(session: Session, behind: timedelta) -> datetime | None:
    """Return when `behind` before the newest sealed line was; None while nothing is sealed."""
    newest = select(audit_links.c.entry_id).order_by(audit_links.c.entry_id.desc()).limit(1)
    last = await session.scalar(newest)
    return None if last is None else instant_of(last) - behind


def signed_part(head: Head) -> bytes:
    """Return what a seal's `mac` is about."""
    return b"%d:%b" % (head.position, head.hash)


async def _unsealed(session: Session, behind: timedelta) -> Sequence[AuditEntry]:
    """Return committed lines without a link, in the order in which they were written."""
    known = select(audit_links.c.entry_id).where(audit_links.c.entry_id == audit_entries.c.id)
    statement = select(audit_entries).where(~known.exists())
    since = await looked_for_since(session, behind)
    if since is not None:
        statement = statement.where(audit_entries.c.id >= first_id_at(since))
    rows = await session.execute(statement.order_by(audit_entries.c.id).limit(BATCH))
    return [AuditEntry(**row._asdict()) for row in rows]
