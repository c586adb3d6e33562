"""Lists of items: what may be asked for, and a page of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from services.feedback.items.queries import Item, item_of
from services.feedback.items.tables import items
from services.feedback.items.vocabulary import (
    SOURCE_GROUPS,
    FeedbackKind,
    FeedbackMode,
    FeedbackSource,
    Importance,
    ItemState,
    Sentiment,
    SourceGroup,
)
from shared.database import Session


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a list of items is asked for; None leaves it open.

    `overdue` means that a promise is broken and not yet made good.
    """

    state: ItemState | None = None
    source: FeedbackSource | None = None
    source_group: SourceGroup | None = None
    mode: FeedbackMode | None = None
    kind: FeedbackKind | None = None
    importance: Importance | None = None
    sentiment: Sentiment | None = None
    channel: str | None = None
    category_id: UUID | None = None
    org_unit_id: UUID | None = None
    owner_id: UUID | None = None
    customer_id: UUID | None = None
    ticket_id: UUID | None = None
    overdue: bool | None = None

    def conditions(self, now: datetime) -> list[ColumnElement[bool]]:
        """Return what the list is asked for, as the database understands it."""
        special = {"source_group", "overdue"}
        named = [
            items.c[name] == value
            for name in self.__slots__
            if name not in special and (value := getattr(self, name)) is not None
        ]
        if self.source_group is not None:
            named.append(items.c.source.in_(SOURCE_GROUPS[self.source_group]))
        if self.overdue is not None:
            late = or_(
                and_(items.c.replied_at.is_(None), items.c.response_due_at < now),
                and_(items.c.resulted_at.is_(None), items.c.result_due_at < now),
            )
            named.append(late if self.overdue else ~late)
        return named


async def item_page(
    session: Session,
    wanted: ItemFilter,
    visible: ColumnElement[bool],
    *,
    before: tuple[datetime, UUID] | None,
    now: datetime,
    limit: int,
) -> list[Item]:
    """Return up to `limit` items, newest first, older than `before` (received_at, id)."""
    conditions = wanted.conditions(now)
    if before is not None:
        conditions.append(tuple_(items.c.received_at, items.c.id) < before)
    rows = await session.execute(
        select(items)
        .where(visible, *conditions)
        .order_by(items.c.received_at.desc(), items.c.id.desc())
        .limit(limit)
    )
    return [item_of(row) for row in rows]
