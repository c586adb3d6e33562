"""Units and categories by name, and the copies that are kept of them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.reporting.directory.tables import category_copy
from shared.auth.directory import org_unit_copy
from shared.contracts.tickets import CategoryChanged
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the organisation; `path` leads from the root to it."""

    id: UUID
    name: str
    path: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Category:
    id: UUID
    name_zh: str
    name_en: str


async def units(session: Session) -> list[Unit]:
    """Return all units, each after the one that it belongs to."""
    rows = await session.execute(select(org_unit_copy))
    found = [Unit(row.org_unit_id, row.name, tuple(row.path)) for row in rows]
    names = {unit.id: unit.name for unit in found}
    return sorted(found, key=lambda unit: [(names.get(id, ""), id) for id in unit.path])


async def categories(session: Session) -> list[Category]:
    """Return all categories, by their codes."""
    rows = await session.execute(select(category_copy).order_by(category_copy.c.code))
    return [Category(row.category_id, row.name_zh, row.name_en) for row in rows]


async def copy_category(
    session: Session, category: CategoryChanged, *, epoch: int, sequence: int
) -> None:
    """Write a category's state into the copy unless a newer one stands there."""
    statement = insert(category_copy).values(
        **category.model_dump(), epoch=epoch, sequence=sequence
    )
    new, old = statement.excluded, category_copy.c
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["category_id"],
            set_={c.name: new[c.name] for c in category_copy.columns if c.name != "category_id"},
            where=tuple_(old.epoch, old.sequence) < tuple_(new.epoch, new.sequence),
        )
    )
