"""Named reads of categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from services.tickets.categories.tables import categories
from shared.database import Session
from shared.errors import InvalidError


@dataclass(frozen=True, slots=True)
class Category:
    """What requests may be about; `path` leads from its top category to itself."""

    id: UUID
    parent_id: UUID | None
    code: str
    name_zh: str
    name_en: str
    active: bool
    version: int
    sequence: int
    path: tuple[UUID, ...]


async def all_categories(session: Session) -> list[Category]:
    """Return every category by its code."""
    rows = (await session.execute(select(categories).order_by(categories.c.code))).all()
    above = {row.id: row.parent_id for row in rows}
    return [Category(**row._asdict(), path=_path(row.id, above)) for row in rows]


def _path(category_id: UUID, above: Mapping[UUID, UUID | None]) -> tuple[UUID, ...]:
    parent = above[category_id]
    return (category_id,) if parent is None else (*_path(parent, above), category_id)


async def require_category(session: Session, category_id: UUID | None) -> None:
    """Raise InvalidError unless the category is None or one in use."""
    if category_id is None:
        return
    statement = select(categories.c.id).where(categories.c.id == category_id, categories.c.active)
    if await session.scalar(statement) is None:
        raise InvalidError("unknown_category", "There is no such category in use.")


async def category_with(session: Session, code: str) -> UUID:
    """Return the category in use that has this code. Raises InvalidError."""
    statement = select(categories.c.id).where(categories.c.code == code, categories.c.active)
    category_id: UUID | None = await session.scalar(statement)
    if category_id is None:
        raise InvalidError("unknown_category", "There is no such category in use.")
    return category_id
