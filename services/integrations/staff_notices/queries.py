"""Named reads and writes of notices to staff; outside this file nobody sees a ciphertext."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Row, case, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.integrations.staff_notices.tables import staff_notices
from shared.crypto.vault import UnreadableError, Vault
from shared.database import Session

AGES: Final = timedelta(days=365_250)
"""A cursor is an instant and an id. What was read ranks a thousand years back, so that a page
that ends between unread and read goes on at the right place."""


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """A notice in clear text; `parameters` are empty when their key is gone."""

    id: UUID
    staff_id: UUID
    template: str
    parameters: Mapping[str, str]
    reference_kind: str
    reference_id: UUID
    noticed_at: datetime
    read_at: datetime | None

    @property
    def ranked_at(self) -> datetime:
        """Return where it stands in its reader's list."""
        return self.noticed_at if self.read_at is None else self.noticed_at - AGES


async def insert_staff_notices(
    session: Session, vault: Vault, notices: Sequence[StaffNotice]
) -> None:
    """Write notices; one whose id is known already stays as it is."""
    if not notices:
        return
    await session.execute(
        insert(staff_notices)
        .values([_values(vault, notice) for notice in sorted(notices, key=lambda n: n.id)])
        .on_conflict_do_nothing()
    )


async def staff_notice_page(
    session: Session,
    vault: Vault,
    staff_id: UUID | None,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[StaffNotice]:
    """Return up to `limit` notices of a person: unread before read, and newest first."""
    at = staff_notices.c.noticed_at
    rank = case((staff_notices.c.read_at.is_(None), at), else_=at - AGES)
    statement = select(staff_notices).where(staff_notices.c.staff_id == staff_id)
    if before is not None:
        statement = statement.where(tuple_(rank, staff_notices.c.id) < before)
    rows = await session.execute(
        statement.order_by(rank.desc(), staff_notices.c.id.desc()).limit(limit)
    )
    return [_notice(vault, row) for row in rows]


async def write_read(
    session: Session, vault: Vault, notice_id: UUID, staff_id: UUID | None, *, now: datetime
) -> StaffNotice | None:
    """Write that a person has read his notice, unless he had before; None when it is not his."""
    rows = await session.execute(
        update(staff_notices)
        .where(staff_notices.c.id == notice_id, staff_notices.c.staff_id == staff_id)
        .values(read_at=func.coalesce(staff_notices.c.read_at, now))
        .returning(staff_notices)
    )
    row = rows.one_or_none()
    return None if row is None else _notice(vault, row)


def _values(vault: Vault, notice: StaffNotice) -> dict[str, Any]:
    content = orjson.dumps(dict(notice.parameters)).decode()
    return {
        "id": notice.id,
        "staff_id": notice.staff_id,
        "template": notice.template,
        "parameters_sealed": vault.encrypt(content, context=_context(notice.id)),
        "reference_kind": notice.reference_kind,
        "reference_id": notice.reference_id,
        "noticed_at": notice.noticed_at,
    }


def _notice(vault: Vault, row: Row[Any]) -> StaffNotice:
    try:
        parameters = orjson.loads(vault.decrypt(row.parameters_sealed, context=_context(row.id)))
    except UnreadableError:
        parameters = {}
    return StaffNotice(
        id=row.id,
        staff_id=row.staff_id,
        template=row.template,
        parameters=parameters,
        reference_kind=row.reference_kind,
        reference_id=row.reference_id,
        noticed_at=row.noticed_at,
        read_at=row.read_at,
    )


def _context(notice_id: UUID) -> str:
    return f"staff_notice:{notice_id}"
