"""Add categories; who breaks figures down by them hears of it."""

from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy.dialects.postgresql import insert

from services.tickets.categories.queries import Category
from services.tickets.categories.tables import categories
from shared.contracts.tickets import CategoryChanged
from shared.database import Session
from shared.messages.contract import Origin
from shared.outbox.emit import Saying, emit


async def add_category(
    session: Session,
    *,
    name: str,
    above: Category | None,
    now: datetime,
    origin: str = Origin.LIVE,
) -> Category:
    """Add a category of one name in both languages below another, or at the top.

    Its id follows from where it stands, so of two that add it at once both get the same one.
    """
    category_id = uuid5(above.id if above else NAMESPACE_OID, name)
    category = Category(
        id=category_id,
        parent_id=above.id if above else None,
        code=f"c-{category_id.hex[:16]}",
        name_zh=name,
        name_en=name,
        active=True,
        version=1,
        sequence=1,
        path=(*(above.path if above else ()), category_id),
    )
    values = {field: getattr(category, field) for field in categories.c.keys()}  # noqa: SIM118
    added = await session.scalar(
        insert(categories).values(values).on_conflict_do_nothing().returning(categories.c.id)
    )
    if added is not None:
        saying = Saying(category_changed(category), category.id, category.sequence, now, origin)
        await emit(session, saying)
    return category


def category_changed(category: Category) -> CategoryChanged:
    """Return a category as everybody keeps a copy of it."""
    return CategoryChanged(
        category_id=category.id,
        code=category.code,
        name_zh=category.name_zh,
        name_en=category.name_en,
        active=category.active,
        path=category.path,
    )
