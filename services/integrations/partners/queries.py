"""Named reads and writes of partners' clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, insert, or_, select, tuple_, update

from services.integrations.partners.rules import ClientSecret
from services.integrations.partners.tables import partner_secrets, partners
from shared.database import Session
from shared.errors import NotFoundError, StaleError


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner's client with the secrets that hold, newest first."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    active: bool
    created_at: datetime
    updated_at: datetime
    version: int
    secrets: tuple[ClientSecret, ...]


async def find_partner(session: Session, partner_id: UUID, *, now: datetime) -> Partner | None:
    """Return a partner, None when there is none."""
    found = await _partners(session, select(partners).where(partners.c.id == partner_id), now)
    return found[0] if found else None


async def get_partner(session: Session, partner_id: UUID, *, now: datetime) -> Partner:
    """Return a partner. Raises NotFoundError."""
    return _there(await find_partner(session, partner_id, now=now))


async def lock_partner(
    session: Session, partner_id: UUID, *, version: int | None, now: datetime
) -> Partner:
    """Return a partner, locked. Raises NotFoundError, or StaleError for an old `version`."""
    wanted = select(partners).where(partners.c.id == partner_id).with_for_update()
    found = await _partners(session, wanted, now)
    partner = _there(found[0] if found else None)
    if version is not None and version != partner.version:
        raise StaleError(
            "stale_version", "The partner was changed meanwhile.", version=partner.version
        )
    return partner


async def partner_page(
    session: Session, *, before: tuple[datetime, UUID] | None, limit: int, now: datetime
) -> list[Partner]:
    """Return up to `limit` partners, newest first."""
    wanted = select(partners)
    if before is not None:
        wanted = wanted.where(tuple_(partners.c.created_at, partners.c.id) < before)
    newest = wanted.order_by(partners.c.created_at.desc(), partners.c.id.desc()).limit(limit)
    return await _partners(session, newest, now)


async def insert_partner(session: Session, partner: Partner) -> None:
    """Write a new partner with his secrets."""
    await session.execute(
        insert(partners).values(id=partner.id, created_at=partner.created_at, **_changing(partner))
    )
    for secret in partner.secrets:
        await insert_secret(session, partner.id, secret)


async def update_partner(session: Session, partner: Partner) -> None:
    """Write a locked partner's present state; secrets have writes of their own."""
    await session.execute(
        update(partners).where(partners.c.id == partner.id).values(**_changing(partner))
    )


async def insert_secret(session: Session, partner_id: UUID, secret: ClientSecret) -> None:
    """Write a new secret's hash."""
    await session.execute(
        insert(partner_secrets).values(
            partner_id=partner_id, secret_hash=secret.secret_hash, created_at=secret.created_at
        )
    )


async def end_secrets(
    session: Session, partner_id: UUID, *, last: ClientSecret | None, at: datetime
) -> None:
    """Let the last secret of a locked partner end then, and all before it now."""
    of_partner = partner_secrets.c.partner_id == partner_id
    if last is None:
        await session.execute(delete(partner_secrets).where(of_partner))
        return
    is_last = partner_secrets.c.secret_hash == last.secret_hash
    await session.execute(delete(partner_secrets).where(of_partner, ~is_last))
    await session.execute(update(partner_secrets).where(of_partner, is_last).values(expires_at=at))


async def note_use(
    session: Session, partner_id: UUID, secret: ClientSecret, *, now: datetime
) -> None:
    """Write when a secret was last used, so that an old one is known to be idle."""
    await session.execute(
        update(partner_secrets)
        .where(
            partner_secrets.c.partner_id == partner_id,
            partner_secrets.c.secret_hash == secret.secret_hash,
        )
        .values(last_used_at=now)
    )


def _changing(partner: Partner) -> dict[str, Any]:
    return {
        "name": partner.name,
        "scopes": list(partner.scopes),
        "active": partner.active,
        "updated_at": partner.updated_at,
        "version": partner.version,
    }


def _there(partner: Partner | None) -> Partner:
    if partner is None:
        raise NotFoundError("partner_not_found", "There is no such partner.")
    return partner


async def _partners(session: Session, wanted: Select[Any], now: datetime) -> list[Partner]:
    rows = (await session.execute(wanted)).all()
    secrets = await _secrets(session, rows, now)
    return [
        Partner(
            id=row.id,
            name=row.name,
            scopes=tuple(row.scopes),
            active=row.active,
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
            secrets=tuple(secrets.get(row.id, ())),
        )
        for row in rows
    ]


async def _secrets(
    session: Session, rows: Sequence[Row[Any]], now: datetime
) -> dict[UUID, list[ClientSecret]]:
    table = partner_secrets
    found: dict[UUID, list[ClientSecret]] = {}
    for row in await session.execute(
        select(table)
        .where(
            table.c.partner_id.in_([row.id for row in rows]),
            or_(table.c.expires_at.is_(None), table.c.expires_at > now),
        )
        .order_by(table.c.created_at.desc())
    ):
        secret = ClientSecret(row.secret_hash, row.created_at, row.expires_at, row.last_used_at)
        found.setdefault(row.partner_id, []).append(secret)
    return found
