"""Named reads and writes of sources; outside this file nobody sees a sealed secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.integrations.inbound.mapping_rules import MappingDocument
from services.integrations.inbound.secret_rules import SourceSecret, holding
from services.integrations.inbound.tables import inbound_refusals, inbound_sources
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import NotFoundError, StaleError


@dataclass(frozen=True, slots=True)
class InboundSource:
    """A partner's system that may send; its secrets in clear, newest first."""

    id: UUID
    slug: str
    name: str
    scheme: dict[str, Any]
    mapping: MappingDocument
    active: bool
    secrets: tuple[SourceSecret, ...]
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class RefusedAttempts:
    """How often attempts were turned away on a day, for one reason."""

    reason: str
    refused_on: date
    attempts: int
    last_at: datetime


async def source_with(
    session: Session, vault: Vault, slug: str, *, now: datetime
) -> InboundSource | None:
    """Return the source that has this address and may send, None when there is none."""
    wanted = select(inbound_sources).where(inbound_sources.c.slug == slug, inbound_sources.c.active)
    row = (await session.execute(wanted)).one_or_none()
    return None if row is None else _source(vault, row, now)


async def get_source(
    session: Session, vault: Vault, source_id: UUID, *, now: datetime
) -> InboundSource:
    """Return a source. Raises NotFoundError."""
    wanted = select(inbound_sources).where(inbound_sources.c.id == source_id)
    return _there(vault, (await session.execute(wanted)).one_or_none(), now)


async def lock_source(
    session: Session, vault: Vault, source_id: UUID, *, version: int | None, now: datetime
) -> InboundSource:
    """Return a source, locked. Raises NotFoundError, or StaleError for an old `version`."""
    wanted = select(inbound_sources).where(inbound_sources.c.id == source_id).with_for_update()
    source = _there(vault, (await session.execute(wanted)).one_or_none(), now)
    if version is not None and version != source.version:
        raise StaleError(
            "stale_version", "The source was changed meanwhile.", version=source.version
        )
    return source


async def source_page(
    session: Session,
    vault: Vault,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> list[InboundSource]:
    """Return up to `limit` sources, newest first."""
    table = inbound_sources
    wanted = select(table)
    if before is not None:
        wanted = wanted.where(tuple_(table.c.created_at, table.c.id) < before)
    newest = wanted.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)
    return [_source(vault, row, now) for row in await session.execute(newest)]


async def insert_source(session: Session, vault: Vault, source: InboundSource) -> bool:
    """Write a new source; return False when its address is taken."""
    added = await session.scalar(
        upsert(inbound_sources)
        .values(
            id=source.id,
            slug=source.slug,
            created_at=source.created_at,
            **_changing(vault, source),
        )
        .on_conflict_do_nothing(index_elements=["slug"])
        .returning(inbound_sources.c.id)
    )
    return added is not None


async def update_source(session: Session, vault: Vault, source: InboundSource) -> None:
    """Write a locked source's present state."""
    await session.execute(
        update(inbound_sources)
        .where(inbound_sources.c.id == source.id)
        .values(**_changing(vault, source))
    )


async def count_refusal(session: Session, source_id: UUID, reason: str, *, now: datetime) -> None:
    """Count an attempt that was turned away: a row a day and reason, however many come."""
    table = inbound_refusals
    statement = upsert(table).values(
        source_id=source_id, reason=reason, refused_on=now.date(), attempts=1, last_at=now
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["source_id", "reason", "refused_on"],
            set_={"attempts": table.c.attempts + 1, "last_at": now},
        )
    )


async def refusals_of(session: Session, source_id: UUID, *, limit: int) -> list[RefusedAttempts]:
    """Return what was turned away, newest first."""
    table = inbound_refusals
    rows = await session.execute(
        select(table.c.reason, table.c.refused_on, table.c.attempts, table.c.last_at)
        .where(table.c.source_id == source_id)
        .order_by(table.c.last_at.desc())
        .limit(limit)
    )
    return [RefusedAttempts(**row._asdict()) for row in rows]


def _changing(vault: Vault, source: InboundSource) -> dict[str, Any]:
    kept = [{"text": one.text, "expires_at": one.expires_at} for one in source.secrets]
    return {
        "name": source.name,
        "scheme": source.scheme,
        "mapping": source.mapping,
        "secrets_sealed": vault.encrypt(orjson.dumps(kept).decode(), context=_context(source.id)),
        "active": source.active,
        "updated_at": source.updated_at,
        "version": source.version,
    }


def _there(vault: Vault, row: Row[Any] | None, now: datetime) -> InboundSource:
    if row is None:
        raise NotFoundError("inbound_source_not_found", "There is no such source.")
    return _source(vault, row, now)


def _source(vault: Vault, row: Row[Any], now: datetime) -> InboundSource:
    kept: Sequence[dict[str, Any]] = orjson.loads(
        vault.decrypt(row.secrets_sealed, context=_context(row.id))
    )
    secrets = [
        SourceSecret(
            one["text"],
            datetime.fromisoformat(one["expires_at"]) if one["expires_at"] else None,
        )
        for one in kept
    ]
    return InboundSource(
        id=row.id,
        slug=row.slug,
        name=row.name,
        scheme=row.scheme,
        mapping=row.mapping,
        active=row.active,
        secrets=holding(secrets, now),
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _context(source_id: UUID) -> str:
    return f"inbound_secret:{source_id}"
