"""Named writes that take the words out of items; what is counted of them stays."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import case, delete, or_, select, update

from services.feedback.items.tables import (
    item_originals,
    item_search,
    item_steps,
    item_versions,
    items,
)
from shared.database import Session
from shared.privacy.tombstones import ERASED_TEXT


async def items_from(session: Session, response_ids: Collection[UUID]) -> list[UUID]:
    """Return the items that came from these answers, locked in one order."""
    found = await session.scalars(
        select(items.c.id)
        .where(items.c.response_id.in_(response_ids))
        .order_by(items.c.id)
        .with_for_update()
    )
    return list(found)


async def erase_item_words(session: Session, item_ids: list[UUID]) -> int:
    """Take the words out of items, whoever wrote them; return how many rows had some."""
    rows = 0
    for table in (item_originals, item_search):
        gone = await session.execute(delete(table).where(table.c.item_id.in_(item_ids)))
        rows += gone.rowcount
    masked = (
        (items, items.c.id, (items.c.text_masked,)),
        (
            item_versions,
            item_versions.c.item_id,
            (item_versions.c.text_masked, item_versions.c.reason_masked),
        ),
    )
    for table, key, columns in masked:
        emptied = await session.execute(
            update(table)
            .where(key.in_(item_ids), or_(*(column != ERASED_TEXT for column in columns)))
            .values({one: case((one.is_(None), None), else_=ERASED_TEXT) for one in columns})
        )
        rows += emptied.rowcount
    silenced = await session.execute(
        update(item_steps)
        .where(item_steps.c.item_id.in_(item_ids), item_steps.c.note_sealed.is_not(None))
        .values(note_sealed=None)
    )
    return rows + silenced.rowcount
