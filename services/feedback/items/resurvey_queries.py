"""Answers about tickets as they stand, and whether one proves that an item is settled."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import case, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.feedback.items.queries import Item
from services.feedback.items.tables import recovered_roots, resurveys
from shared.database import Session

SATISFIED: Final = 4


async def copy_answer(
    session: Session,
    *,
    response_id: UUID,
    ticket_id: UUID,
    satisfaction: int | None,
    solved: bool | None,
    completed_at: datetime,
    epoch: int,
    sequence: int,
    withdrawn: bool = False,
) -> None:
    """Write an answer down; the newest word about it counts, given when the first one says.

    What was once withdrawn stays withdrawn.
    """
    statement = insert(resurveys).values(
        response_id=response_id,
        ticket_id=ticket_id,
        satisfied=not withdrawn
        and satisfaction is not None
        and satisfaction >= SATISFIED
        and solved is not False,
        withdrawn=withdrawn,
        completed_at=completed_at,
        epoch=epoch,
        sequence=sequence,
    )
    new, old = statement.excluded, resurveys.c
    newer = tuple_(old.epoch, old.sequence) < tuple_(new.epoch, new.sequence)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["response_id"],
            set_={
                "completed_at": func.least(old.completed_at, new.completed_at),
                "withdrawn": old.withdrawn | new.withdrawn,
                "satisfied": case((newer, new.satisfied), else_=old.satisfied),
                "epoch": case((newer, new.epoch), else_=old.epoch),
                "sequence": case((newer, new.sequence), else_=old.sequence),
            },
        )
    )


async def withdrawn_among(session: Session, response_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these answers their customers took back."""
    statement = select(resurveys.c.response_id).where(
        resurveys.c.response_id.in_(response_ids), resurveys.c.withdrawn
    )
    return set(await session.scalars(statement))


async def link_recovery(session: Session, ticket_id: UUID, root_ticket_id: UUID) -> None:
    """Write down which ticket a recovery ticket recovers."""
    linked = insert(recovered_roots).values(ticket_id=ticket_id, root_ticket_id=root_ticket_id)
    await session.execute(linked.on_conflict_do_nothing())


async def is_resurveyed(session: Session, item: Item) -> bool:
    """Return whether the customer's latest answer since then says that his matter is settled.

    It may be about the item's ticket or about the one that recovered it, and is never the answer
    that the item came from.
    """
    if item.ticket_id is None:
        return False
    recoveries = select(recovered_roots.c.ticket_id).where(
        recovered_roots.c.root_ticket_id == item.ticket_id
    )
    satisfied = await session.scalar(
        select(resurveys.c.satisfied)
        .where(
            or_(
                resurveys.c.ticket_id == item.ticket_id,
                resurveys.c.ticket_id.in_(recoveries),
            ),
            resurveys.c.response_id.is_distinct_from(item.response_id),
            resurveys.c.completed_at > item.received_at,
        )
        .order_by(resurveys.c.completed_at.desc(), resurveys.c.response_id.desc())
        .limit(1)
    )
    return bool(satisfied)
