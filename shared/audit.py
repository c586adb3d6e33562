"""The audit trail: who did what to whose data, from where; never what is somebody's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Index,
    Table,
    Text,
    Uuid,
    insert,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.auth.actor import Actor, ActorKind
from shared.changes import Changes
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
    Index("ix_audit_entry_at", "at", "id"),
    Index("ix_audit_entry_actor", "actor_id", "at", "id"),
    Index("ix_audit_entry_subject", "subject_id", "at", "id"),
    postgresql_partition_by="RANGE (id)",
)

AUDIT_PARTITIONS = Partitioned("audit_entry", "id", keep=None, append_only=True)
"""How long it is kept is for the organisation's law to say; nothing is dropped by itself.

The database refuses to change or delete a line, and `shared/sealing` finds one that was changed
nevertheless. An erased person stays in it as an id that leads nowhere."""

ADDRESSED: Final = frozenset({ActorKind.STAFF, ActorKind.PARTNER})
"""Whose address is kept: it is a customer's own, and a line outlives him."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the trail; `detail` has the `address` and the `changes` too, where there are any.

    A column of their own would be left out of the hash by a process of the release before, which
    seals beside the new ones.
    """

    id: UUID
    at: datetime
    action: str
    actor_kind: str
    actor_id: UUID | None
    subject_kind: str
    subject_id: UUID | None
    detail: Mapping[str, Any]
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Which lines somebody looks for: all that is given fits, from `since` until `until`."""

    actor_id: UUID | None = None
    action: str | None = None
    subject_kind: str | None = None
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def audit(
    session: Session,
    action: str,
    *,
    actor: Actor,
    subject_kind: str,
    subject_id: UUID | None,
    now: datetime,
    changes: Changes | None = None,
    **detail: str | int | bool | list[str],
) -> None:
    """Write a line of the trail in the transaction of what it tells; `detail` holds codes only."""
    cause = current_cause()
    address = cause.address if actor.kind in ADDRESSED else None
    more = {"address": address, "changes": changes}
    await session.execute(
        insert(audit_entries).values(
            id=new_id(),
            at=now,
            action=action,
            actor_kind=actor.kind,
            actor_id=actor.id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail | {name: value for name, value in more.items() if value},
            correlation_id=cause.correlation_id,
        )
    )


async def audit_page(
    session: Session,
    sought: Sought,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[AuditEntry]:
    """Return up to `limit` lines, newest first."""
    statement = select(audit_entries).where(*_fitting(sought))
    if before is not None:
        statement = statement.where(tuple_(audit_entries.c.at, audit_entries.c.id) < before)
    rows = await session.execute(
        statement.order_by(audit_entries.c.at.desc(), audit_entries.c.id.desc()).limit(limit)
    )
    return [AuditEntry(**row._asdict()) for row in rows]


def _fitting(sought: Sought) -> list[ColumnElement[bool]]:
    columns = audit_entries.c
    equal = [
        columns[name] == value
        for name in ("actor_id", "action", "subject_kind", "subject_id")
        if (value := getattr(sought, name)) is not None
    ]
    since = [] if sought.since is None else [columns.at >= sought.since]
    until = [] if sought.until is None else [columns.at < sought.until]
    return [*equal, *since, *until]
