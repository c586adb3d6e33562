"""Named writes and reads of the versions of an item's record, and of its words as written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select

from services.feedback.items.queries import Item
from services.feedback.items.tables import item_originals, item_versions
from shared.auth.actor import Actor
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import NotFoundError

RECORD = (
    "mode",
    "kind",
    "channel",
    "language",
    "customer_id",
    "ticket_id",
    "cycle_no",
    "category_id",
    "org_unit_id",
    "satisfaction",
    "nps",
    "public",
    "sentiment",
    "importance",
)
"""What a version keeps beside the words."""


async def add_version(
    session: Session, item: Item, *, actor: Actor, now: datetime, reason: str | None
) -> None:
    """Write down what the record says from now on; its `revision` was raised for it."""
    said = {name: getattr(item, name) for name in RECORD}
    await session.execute(
        insert(item_versions).values(
            item_id=item.id,
            number=item.revision,
            record={k: str(v) if isinstance(v, UUID) else v for k, v in said.items()},
            text_masked=item.text_masked,
            author_kind=actor.kind,
            author_id=actor.id,
            reason_masked=reason,
            made_at=now,
        )
    )


async def versions_of(session: Session, item_id: UUID) -> Sequence[Row[Any]]:
    """Return every version of a record, the oldest first."""
    statement = select(item_versions).where(item_versions.c.item_id == item_id)
    return (await session.execute(statement.order_by(item_versions.c.number))).all()


async def add_original(session: Session, vault: Vault, item: Item, text: str) -> None:
    """Seal the words of this version as they were written."""
    await session.execute(
        insert(item_originals).values(
            item_id=item.id,
            number=item.revision,
            text_sealed=vault.encrypt(text, context=_context(item.id)),
        )
    )


async def original_of(session: Session, vault: Vault, item_id: UUID) -> tuple[int, str]:
    """Return the newest words as they were written, and the version they came with.

    Raises NotFoundError when it has none.
    """
    found = await _newest(session, vault, item_id)
    if found is None:
        raise NotFoundError("no_original", "Nobody wrote anything here.")
    return found


async def written_as(session: Session, vault: Vault, item_id: UUID, text: str) -> bool:
    """Return whether these are the newest words, to the letter: masks may hide a difference."""
    found = await _newest(session, vault, item_id)
    return found is not None and found[1] == text


async def _newest(session: Session, vault: Vault, item_id: UUID) -> tuple[int, str] | None:
    row = (
        await session.execute(
            select(item_originals)
            .where(item_originals.c.item_id == item_id)
            .order_by(item_originals.c.number.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    return row.number, vault.decrypt(row.text_sealed, context=_context(item_id))


def _context(item_id: UUID) -> str:
    return f"feedback_original:{item_id}"
