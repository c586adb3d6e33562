"""Named writes and reads of the archive: numbers, search, and its folders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.feedback.items.queries import Item, item_of
from services.feedback.items.search_rules import grams, searchable, searched
from services.feedback.items.tables import archive_years, item_search, items
from services.feedback.items.vocabulary import FilingOrder
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of the archive: how many items are filed in it, from when to when."""

    key: str | None
    n: int
    first_closed_at: datetime
    last_closed_at: datetime


async def next_archive_no(session: Session, year: int) -> str:
    """Return the next number of a year; without a gap, since it is rolled back with the closing."""
    statement = insert(archive_years).values(year=year, last=1)
    last = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=["year"], set_={"last": archive_years.c.last + 1}
        ).returning(archive_years.c.last)
    )
    return f"F{year}-{last:06}"


async def index_words(session: Session, item: Item) -> None:
    """Let an archived item be found by its masked words as they are now."""
    words = searchable(item.text_masked or "")
    statement = insert(item_search).values(item_id=item.id, words=words, grams=grams(words))
    new = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["item_id"], set_={"words": new.words, "grams": new.grams}
        )
    )


def filed_as(order: FilingOrder, zone: str) -> ColumnElement[Any]:
    """Return by what an item is filed in an order; periods are months of the organisation's."""
    return {
        FilingOrder.PERIOD: func.to_char(func.timezone(zone, items.c.closed_at), "YYYY-MM"),
        FilingOrder.CATEGORY: cast(items.c.category_id, Text),
        FilingOrder.CUSTOMER: cast(items.c.customer_id, Text),
        FilingOrder.DEPARTMENT: cast(items.c.org_unit_id, Text),
        FilingOrder.CHANNEL: items.c.channel,
    }[order]


def filed_in(period: str | None, archive_no: str | None, *, zone: str) -> list[ColumnElement[bool]]:
    """Return the conditions under which an item is of a month, and has a number."""
    wanted = {filed_as(FilingOrder.PERIOD, zone): period, items.c.archive_no: archive_no}
    return [place == value for place, value in wanted.items() if value is not None]


async def folders(
    session: Session, order: FilingOrder, visible: ColumnElement[bool], *, zone: str, limit: int
) -> list[Folder]:
    """Return the folders of an order, the fullest first."""
    key = filed_as(order, zone).label("key")
    rows = await session.execute(
        select(key, func.count(), func.min(items.c.closed_at), func.max(items.c.closed_at))
        .where(items.c.closed_at.is_not(None), visible)
        .group_by(key)
        .order_by(func.count().desc(), key)
        .limit(limit)
    )
    return [Folder(*row) for row in rows]


async def archive_page(
    session: Session,
    visible: ColumnElement[bool],
    *,
    conditions: Sequence[ColumnElement[bool]],
    words: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Item]:
    """Return up to `limit` archived items, the last closed first, older than `before`."""
    wanted = select(items).where(items.c.closed_at.is_not(None), visible, *conditions)
    for word in searched(words):
        wanted = wanted.where(
            items.c.id.in_(
                select(item_search.c.item_id).where(
                    item_search.c.grams.contains(cast(grams(word), ARRAY(Text))),
                    item_search.c.words.contains(word, autoescape=True),
                )
            )
        )
    if before is not None:
        wanted = wanted.where(tuple_(items.c.closed_at, items.c.id) < before)
    newest = wanted.order_by(items.c.closed_at.desc(), items.c.id.desc()).limit(limit)
    return [item_of(row) for row in await session.execute(newest)]
