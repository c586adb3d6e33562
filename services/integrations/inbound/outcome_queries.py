"""Named writes of what became of deliveries."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, null, select, update

from services.integrations.inbound.tables import inbound_deliveries
from services.integrations.inbound.vocabulary import DeliveryState
from shared.database import Session


async def write_outcome(
    session: Session, delivery_id: UUID, state: DeliveryState, *, now: datetime, **said: Any
) -> None:
    """Write what a locked delivery came to; what is not said is as if nothing were known."""
    nothing = dict.fromkeys(("reason", "pointer", "field"), null())
    await session.execute(
        update(inbound_deliveries)
        .where(inbound_deliveries.c.id == delivery_id)
        .values(state=state, updated_at=now, **(nothing | said))
    )


async def write_answer(
    session: Session,
    delivery_id: UUID,
    *,
    attempt: int,
    taken: bool,
    now: datetime,
    **said: Any,
) -> None:
    """Write what tickets answered to an attempt: that it took one counts, whatever comes later.

    A refusal is of its own attempt only.
    """
    table = inbound_deliveries
    mine = table.c.id == delivery_id
    if taken:
        state = DeliveryState.TAKEN
    else:
        state = DeliveryState.REFUSED
        mine &= (table.c.attempts == attempt) & (table.c.state == DeliveryState.SENT)
    nothing = dict.fromkeys(("reason", "pointer", "field"), null())
    await session.execute(
        update(table).where(mine).values(state=state, updated_at=now, **(nothing | said))
    )


async def rerun_all(session: Session, source_id: UUID, *, now: datetime) -> int:
    """Let everything of a source that came to nothing be mapped again; return how many."""
    table = inbound_deliveries
    changed = await session.scalars(
        update(table)
        .where(
            table.c.source_id == source_id,
            table.c.state.in_([DeliveryState.REJECTED, DeliveryState.REFUSED]),
            table.c.body_sealed.is_not(None),
        )
        .values(state=DeliveryState.RECEIVED, updated_at=now)
        .returning(table.c.id)
    )
    return len(changed.all())


async def drop_bodies(session: Session, *, before: datetime, limit: int) -> int:
    """Delete the bodies of deliveries that were mapped and are older; return how many."""
    table = inbound_deliveries
    old = (
        select(table.c.id)
        .where(
            table.c.body_sealed.is_not(None),
            table.c.received_at < before,
            table.c.state != DeliveryState.RECEIVED,
        )
        .order_by(table.c.received_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    dropped = await session.scalars(
        update(table)
        .where(table.c.id.in_(old.scalar_subquery()))
        .values(body_sealed=null())
        .returning(table.c.id)
    )
    return len(dropped.all())


async def drop_these_bodies(session: Session, delivery_ids: Collection[UUID]) -> None:
    """Delete the bodies of these deliveries; one that waits for its mapping has nothing to map."""
    table = inbound_deliveries
    await session.execute(
        update(table)
        .where(table.c.id.in_(delivery_ids))
        .values(
            body_sealed=null(),
            state=case(
                (table.c.state == DeliveryState.RECEIVED, DeliveryState.REJECTED),
                else_=table.c.state,
            ),
        )
    )
