"""Units and categories by name, and the copies that are kept of them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.selectable import FromClause

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
    """A kind of request; `path` leads from its top category to it."""

    id: UUID
    name_zh: str
    name_en: str
    path: tuple[UUID, ...]


async def units(session: Session) -> list[Unit]:
    """Return all units, each after the one that it belongs to."""
    rows = await session.execute(select(org_unit_copy))
    found = [Unit(row.org_unit_id, row.name, tuple(row.path)) for row in rows]
    names = {unit.id: unit.name for unit in found}
    return sorted(found, key=lambda unit: [(names.get(id, ""), id) for id in unit.path])


async def categories(session: Session) -> list[Category]:
    """Return all categories, by their codes."""
    rows = await session.execute(select(category_copy).order_by(category_copy.c.code))
    return [
        Category(row.category_id, row.name_zh, row.name_en, tuple(row.path) or (row.category_id,))
        for row in rows
    ]


def top_of(copy: FromClause) -> ColumnElement[Any]:
    """Return the top of a category, which is itself where no path is known."""
    return func.coalesce(copy.c.path[1], copy.c.category_id)


async def tops(session: Session, category_ids: Collection[UUID]) -> dict[UUID | None, UUID]:
    """Return the top category of each of these that are known."""
    among = category_copy.c.category_id.in_(category_ids)
    rows = await session.execute(
        select(category_copy.c.category_id, top_of(category_copy).label("top")).where(among)
    )
    return {row.category_id: row.top for row in rows}


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
