"""Named reads and writes of contacts."""

from collections.abc import Collection, Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Row,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert

from services.reporting.directory.queries import top_of
from services.reporting.directory.tables import category_copy
from services.reporting.facts.contact_rules import WINDOW, Contact
from services.reporting.facts.tables import contacts
from shared.arrays import insert_arrays
from shared.database import Session


def _upsert() -> Insert:
    names = tuple(Contact.__dataclass_fields__)
    statement = insert_arrays(contacts, names)
    changed = {name: statement.excluded[name] for name in names if name != "ticket_id"}
    return statement.on_conflict_do_update(index_elements=["ticket_id"], set_=changed)


_SAVE: Final = _upsert()


async def contacts_among(session: Session, ticket_ids: Collection[UUID]) -> dict[UUID, Contact]:
    """Return what these tickets say to others, as far as it is kept."""
    rows = await session.execute(select(contacts).where(_among(contacts.c.ticket_id, ticket_ids)))
    return {row.ticket_id: _contact(row) for row in rows}


async def save_contacts(session: Session, kept: Iterable[Contact]) -> None:
    """Write contacts; in one order for everybody."""
    rows = sorted(kept, key=lambda contact: contact.ticket_id)
    if not rows:
        return
    await session.execute(
        _SAVE, {name: [getattr(row, name) for row in rows] for name in Contact.__dataclass_fields__}
    )


async def remove_contacts(session: Session, ticket_ids: Collection[UUID]) -> None:
    """Take away what tickets said that have no customer any more."""
    if ticket_ids:
        await session.execute(delete(contacts).where(_among(contacts.c.ticket_id, ticket_ids)))


async def follow_categories(session: Session, categories: Collection[UUID]) -> list[Contact]:
    """Move contacts to the tops that their categories have now; return those that moved."""
    if not categories:
        return []
    top = top_of(category_copy)
    rows = await session.execute(
        update(contacts)
        .where(
            contacts.c.category_id == category_copy.c.category_id,
            _among(contacts.c.category_id, categories),
            contacts.c.top_category_id.is_distinct_from(top),
        )
        .values(top_category_id=top)
        .returning(contacts)
    )
    return [_contact(row) for row in rows]


async def resolved_before(session: Session, later: Collection[Contact]) -> set[UUID]:
    """Return the tickets that may have been followed by one of these within the window."""
    if not later:
        return set()
    asked = (
        func.unnest(
            cast([one.customer_id for one in later], ARRAY(Uuid)),
            cast([one.created_at for one in later], ARRAY(DateTime(timezone=True))),
        )
        .table_valued("customer_id", "created_at", name="asked")
        .render_derived()
    )
    rows = await session.scalars(
        select(contacts.c.ticket_id).join(
            asked,
            and_(
                contacts.c.customer_id == asked.c.customer_id,
                contacts.c.resolved_at >= asked.c.created_at - WINDOW,
                contacts.c.resolved_at < asked.c.created_at,
            ),
        )
    )
    return set(rows)


async def came_back(session: Session, ticket_ids: Collection[UUID]) -> set[UUID]:
    """Return those whose customer asked about the same within the window after the resolution."""
    before, after = contacts.alias("before"), contacts.alias("after")
    rows = await session.scalars(
        select(before.c.ticket_id)
        .distinct()
        .join(
            after,
            and_(
                after.c.customer_id == before.c.customer_id,
                after.c.ticket_id != before.c.ticket_id,
                after.c.top_category_id.is_not_distinct_from(before.c.top_category_id),
                after.c.created_at > before.c.resolved_at,
                after.c.created_at <= before.c.resolved_at + WINDOW,
            ),
        )
        .where(_among(before.c.ticket_id, ticket_ids))
    )
    return set(rows)


def _contact(row: Row[Any]) -> Contact:
    return Contact(**{name: getattr(row, name) for name in Contact.__dataclass_fields__})


def _among(column: Any, ids: Collection[UUID]) -> Any:
    return column == any_(bindparam(None, sorted(ids), ARRAY(Uuid)))
