"""The audit trail: who did what to whose data; codes and ids, never the data themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Table, Text, Uuid, insert, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from shared.auth.actor import Actor
from shared.correlation import current_cause
from shared.database import Session
from shared.ids import new_id
from shared.messaging import metadata
from shared.partitions import Partitioned

audit_entries = Table(
    "audit_entry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("action", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Uuid),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Uuid),
    Column("detail", JSONB, nullable=False),
    Column("correlation_id", Text, nullable=False),
    postgresql_partition_by="RANGE (id)",
)

AUDIT_PARTITIONS = Partitioned("audit_entry", "id", keep=None, append_only=True)
"""How long it is kept is for the organisation's law to say; nothing is dropped by itself.

The database refuses to change or delete a line, and `shared/sealing` finds one that was changed
nevertheless. An erased person stays in it as an id that leads nowhere."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the trail."""

    id: UUID
    at: datetime
    action: str
    actor_kind: str
    actor_id: UUID | None
    subject_kind: str
    subject_id: UUID | None
    detail: Mapping[str, Any]
    correlation_id: str


async def audit(
    session: Session,
    action: str,
    *,
    actor: Actor,
    subject_kind: str,
    subject_id: UUID | None,
    now: datetime,
    **detail: str | int | bool | list[str],
) -> None:
    """Write a line of the trail in the transaction of what it tells; `detail` holds codes only."""
    await session.execute(
        insert(audit_entries).values(
            id=new_id(),
            at=now,
            action=action,
            actor_kind=actor.kind,
            actor_id=actor.id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail,
            correlation_id=current_cause().correlation_id,
        )
    )


async def audit_page(
    session: Session,
    *,
    subject_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[AuditEntry]:
    """Return up to `limit` lines, newest first."""
    statement = select(audit_entries)
    if subject_id is not None:
        statement = statement.where(audit_entries.c.subject_id == subject_id)
    if before is not None:
        statement = statement.where(tuple_(audit_entries.c.at, audit_entries.c.id) < before)
    rows = await session.execute(
        statement.order_by(audit_entries.c.at.desc(), audit_entries.c.id.desc()).limit(limit)
    )
    return [AuditEntry(**row._asdict()) for row in rows]
