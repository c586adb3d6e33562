"""Named reads, claims and writes of deliveries and of what is sent with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, exists, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.integrations.webhooks.tables import webhook_deliveries as deliveries
from services.integrations.webhooks.tables import webhook_messages as messages
from services.integrations.webhooks.vocabulary import DeliveryState, Trigger
from shared.database import Session
from shared.errors import NotFoundError

UNSETTLED: Final = (DeliveryState.PENDING, DeliveryState.SENDING)
MISSED: Final = (DeliveryState.DEAD, DeliveryState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event as it is sent to whoever wants it: the same bytes each time."""

    id: UUID
    type: str
    occurred_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one subscription; `failures` are those of the present schedule."""

    id: UUID
    webhook_id: UUID
    message_id: UUID
    type: str
    occurred_at: datetime
    state: DeliveryState
    trigger: Trigger
    attempts: int
    failures: int
    due_at: datetime
    last_status: int | None
    last_failure: str | None
    created_at: datetime
    settled_at: datetime | None


async def insert_messages(session: Session, outgoing: Sequence[Outgoing]) -> None:
    """Write what is to be sent, once however often it is heard."""
    rows = [
        {"id": one.id, "type": one.type, "occurred_at": one.occurred_at, "body": one.body}
        for one in sorted(outgoing, key=lambda one: one.id)
    ]
    if rows:
        await session.execute(insert(messages).on_conflict_do_nothing(), rows)


async def insert_deliveries(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write deliveries, one for each subscription and event."""
    ordered = sorted(rows, key=lambda row: (row["webhook_id"], row["message_id"]))
    if ordered:
        await session.execute(insert(deliveries).on_conflict_do_nothing(), ordered)


async def body_of(session: Session, message_id: UUID) -> bytes:
    """Return the bytes that are signed and sent."""
    rows = await session.execute(select(messages.c.body).where(messages.c.id == message_id))
    return bytes(rows.scalar_one())


async def get_delivery(session: Session, delivery_id: UUID) -> Delivery:
    """Return a delivery. Raises NotFoundError."""
    rows = await session.execute(_deliveries().where(deliveries.c.id == delivery_id))
    return _found(rows.one_or_none())


async def lock_delivery(session: Session, delivery_id: UUID) -> Delivery:
    """Return a delivery, locked. Raises NotFoundError."""
    rows = await session.execute(
        _deliveries().where(deliveries.c.id == delivery_id).with_for_update(of=deliveries)
    )
    return _found(rows.one_or_none())


async def write_delivery(session: Session, delivery_id: UUID, **values: Any) -> None:
    """Write what changes of a locked delivery."""
    await session.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(**values))


async def cancel_pending(session: Session, webhook_id: UUID, *, now: datetime) -> None:
    """Put aside what waits for a subscription; it can be recovered."""
    waits = or_(deliveries.c.state == DeliveryState.PENDING, deliveries.c.due_at <= now)
    await session.execute(
        update(deliveries)
        .where(deliveries.c.webhook_id == webhook_id, deliveries.c.state.in_(UNSETTLED), waits)
        .values(state=DeliveryState.CANCELLED, settled_at=now)
    )


async def recover_missed(
    session: Session, webhook_id: UUID, *, since: datetime, now: datetime, limit: int
) -> int:
    """Make due, with the whole schedule, what a subscription missed since then; return how much.

    What failed and waits for hours was missed, too: who is there again is not kept waiting.
    """
    waits_long = (deliveries.c.failures > 0) & (deliveries.c.due_at > now)
    missed = (
        select(deliveries.c.id)
        .where(
            deliveries.c.webhook_id == webhook_id,
            or_(
                deliveries.c.state.in_(MISSED),
                (deliveries.c.state == DeliveryState.PENDING) & waits_long,
            ),
            deliveries.c.trigger != Trigger.TEST,
            deliveries.c.created_at >= since,
        )
        .order_by(deliveries.c.created_at)
        .limit(limit)
        .with_for_update()
    )
    recovered = await session.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(missed.scalar_subquery()))
        .values(
            state=DeliveryState.PENDING,
            trigger=Trigger.RECOVERY,
            failures=0,
            due_at=now,
            settled_at=None,
        )
    )
    return recovered.rowcount


async def delivery_page(
    session: Session,
    *,
    webhook_id: UUID | None,
    state: DeliveryState | None,
    event_type: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Delivery]:
    """Return up to `limit` deliveries, newest first."""
    newest = (deliveries.c.created_at, deliveries.c.id)
    statement = _deliveries()
    if webhook_id is not None:
        statement = statement.where(deliveries.c.webhook_id == webhook_id)
    if state is not None:
        statement = statement.where(deliveries.c.state == state)
    if event_type is not None:
        statement = statement.where(messages.c.type == event_type)
    if before is not None:
        statement = statement.where(tuple_(*newest) < before)
    rows = await session.execute(
        statement.order_by(*(column.desc() for column in newest)).limit(limit)
    )
    return [_delivery(row) for row in rows]


async def forget_before(session: Session, instant: datetime, *, limit: int) -> int:
    """Delete settled deliveries that are older, with their log, and what nobody sends any more."""
    old = (
        select(deliveries.c.id)
        .where(deliveries.c.created_at < instant, deliveries.c.state.not_in(UNSETTLED))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = await session.execute(
        delete(deliveries).where(deliveries.c.id.in_(old.scalar_subquery()))
    )
    wanted = exists().where(deliveries.c.message_id == messages.c.id)
    await session.execute(delete(messages).where(messages.c.occurred_at < instant, ~wanted))
    return gone.rowcount


def _found(row: Row[Any] | None) -> Delivery:
    if row is None:
        raise NotFoundError("webhook_delivery_not_found", "There is no such delivery.")
    return _delivery(row)


def _deliveries() -> Any:
    return select(deliveries, messages.c.type, messages.c.occurred_at).join(messages)


def _delivery(row: Row[Any]) -> Delivery:
    values = row._asdict()
    return Delivery(
        **values | {"state": DeliveryState(values["state"]), "trigger": Trigger(values["trigger"])}
    )
