"""Named reads, locks and writes of items. Rows come back as `Item`, which the rules know."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from services.feedback.items.rules import Clock, after
from services.feedback.items.tables import item_steps, items
from services.feedback.items.vocabulary import (
    FeedbackChannel,
    FeedbackKind,
    FeedbackMode,
    FeedbackSource,
    Importance,
    ImportanceReason,
    ItemClock,
    ItemMove,
    ItemState,
    Sentiment,
    Verification,
)
from shared.auth.actor import Actor
from shared.database import Session
from shared.errors import NotFoundError, StaleError


@dataclass(frozen=True, slots=True)
class Item:
    """A feedback item as it stands; `org_path` leads from the root to `org_unit_id`."""

    id: UUID
    source: FeedbackSource
    source_ref: str
    mode: FeedbackMode
    kind: FeedbackKind
    channel: str
    state: ItemState
    customer_id: UUID | None
    ticket_id: UUID | None
    cycle_no: int
    response_id: UUID | None
    category_id: UUID | None
    org_unit_id: UUID | None
    org_path: tuple[UUID, ...]
    language: str
    text_masked: str | None
    satisfaction: int | None
    nps: int | None
    low: bool
    public: bool
    safety: bool
    sentiment: Sentiment | None
    importance: Importance
    importance_reasons: tuple[ImportanceReason, ...]
    weighed_by_person: bool
    owner_id: UUID | None
    received_at: datetime
    classified_at: datetime | None
    response_due_at: datetime
    replied_at: datetime | None
    response_overdue_at: datetime | None
    result_due_at: datetime
    resulted_at: datetime | None
    result_overdue_at: datetime | None
    verification: Verification | None
    closed_at: datetime | None
    archive_no: str | None
    kept_until: date | None
    updated_at: datetime
    origin: str
    revision: int
    step_count: int
    version: int
    sequence: int

    @property
    def clocks(self) -> tuple[Clock, Clock]:
        """Return the two promises about it."""
        return (
            Clock(
                ItemClock.RESPONSE, self.response_due_at, self.replied_at, self.response_overdue_at
            ),
            Clock(ItemClock.RESULT, self.result_due_at, self.resulted_at, self.result_overdue_at),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """What is written down of a move: codes and ids in `detail`, words sealed."""

    move: ItemMove
    actor: Actor
    made_at: datetime
    note_sealed: str | None = None
    detail: dict[str, Any] | None = None


async def lock_item(
    session: Session,
    item_id: UUID,
    visible: ColumnElement[bool],
    *,
    version: int | None = None,
) -> Item:
    """Return an item, locked until the transaction ends.

    Raises NotFoundError when it does not exist or is not `visible` to the caller, StaleError when
    `version` is given and is no longer the present one.
    """
    wanted = select(items).where(items.c.id == item_id, visible).with_for_update()
    item = _found((await session.execute(wanted)).one_or_none())
    require_version(item, version)
    return item


def require_version(item: Item, version: int | None) -> None:
    """Raise StaleError when the caller changed another version than the present one."""
    if version is not None and version != item.version:
        raise StaleError("stale_version", "The item was changed meanwhile.", version=item.version)


async def get_item(session: Session, item_id: UUID, visible: ColumnElement[bool]) -> Item:
    """Return an item. Raises NotFoundError when it is not there or not `visible`."""
    statement = select(items).where(items.c.id == item_id, visible)
    return _found((await session.execute(statement)).one_or_none())


async def lock_items(session: Session, condition: ColumnElement[bool]) -> list[Item]:
    """Return items, locked in the order of their ids."""
    rows = await session.execute(
        select(items).where(condition).order_by(items.c.id).with_for_update()
    )
    return [item_of(row) for row in rows]


async def add_item(session: Session, values: dict[str, Any]) -> Item | None:
    """Insert an item and return it, None when its source's record was taken before.

    Of two that come at once, the second waits for the first.
    """
    once = (
        insert(items).values(values).on_conflict_do_nothing(index_elements=["source", "source_ref"])
    )
    row = (await session.execute(once.returning(items))).one_or_none()
    return None if row is None else item_of(row)


async def find_source(
    session: Session, source: FeedbackSource, source_ref: str, visible: ColumnElement[bool]
) -> UUID | None:
    """Return the item of a source's record, if it is the caller's to see."""
    return await session.scalar(
        select(items.c.id).where(
            items.c.source == source, items.c.source_ref == source_ref, visible
        )
    )


async def change_item(
    session: Session, item: Item, step: Step, *, said: int = 0, **changes: Any
) -> Item:
    """Make a move: check it, write the changes and the line of history; return the new item.

    The item must be locked. `said` is how many events will be told of it: its sequence is raised
    by that in the same statement. Raises IllegalItemMoveError.
    """
    changed = (
        update(items)
        .where(items.c.id == item.id)
        .values(
            {"state": after(item.state, step.move)}
            | changes
            | {
                "version": items.c.version + 1,
                "sequence": items.c.sequence + said,
                "step_count": items.c.step_count + 1,
                "updated_at": step.made_at,
            }
        )
    )
    present = item_of((await session.execute(changed.returning(items))).one())
    await add_step(session, present, step)
    return present


async def add_step(session: Session, item: Item, step: Step) -> None:
    """Write a line of an item's history; its `step_count` was raised for it."""
    await session.execute(
        plain_insert(item_steps).values(
            item_id=item.id,
            number=item.step_count,
            move=step.move,
            state=item.state,
            actor_kind=step.actor.kind,
            actor_id=step.actor.id,
            owner_id=item.owner_id,
            note_sealed=step.note_sealed,
            detail=step.detail or {},
            made_at=step.made_at,
        )
    )


async def steps_of(session: Session, item_id: UUID) -> Sequence[Row[Any]]:
    """Return an item's history, oldest first."""
    statement = select(item_steps).where(item_steps.c.item_id == item_id)
    return (await session.execute(statement.order_by(item_steps.c.number))).all()


def item_of(row: Row[Any]) -> Item:
    """Return a row of the table as the rules know it."""
    values = {field.name: getattr(row, field.name) for field in fields(Item)}
    return Item(
        **values
        | {
            "source": FeedbackSource(row.source),
            "mode": FeedbackMode(row.mode),
            "kind": FeedbackKind(row.kind),
            "channel": FeedbackChannel(row.channel),
            "state": ItemState(row.state),
            "org_path": tuple(row.org_path),
            "sentiment": None if row.sentiment is None else Sentiment(row.sentiment),
            "importance": Importance(row.importance),
            "importance_reasons": tuple(ImportanceReason(one) for one in row.importance_reasons),
            "verification": None if row.verification is None else Verification(row.verification),
        }
    )


def _found(row: Row[Any] | None) -> Item:
    if row is None:
        raise NotFoundError("feedback_not_found", "There is no such feedback.")
    return item_of(row)
