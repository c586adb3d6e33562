"""Named reads, claims and writes of deliveries; bodies are opened one by one, where needed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.integrations.inbound.mapping_rules import MappingDocument
from services.integrations.inbound.tables import inbound_deliveries, inbound_sources
from services.integrations.inbound.vocabulary import DeliveryState, Misfit
from shared.correlation import Cause
from shared.crypto.vault import UnreadableError, Vault
from shared.database import Session
from shared.errors import NotFoundError

RERUNNABLE = (DeliveryState.REJECTED, DeliveryState.REFUSED, DeliveryState.IGNORED)
"""What may come out otherwise with another mapping."""


@dataclass(frozen=True, slots=True)
class InboundDelivery:
    """What a source sent; `sealed` is None when its body is kept no longer."""

    id: UUID
    source_id: UUID
    source: str
    mapping: MappingDocument
    delivery_key: str
    sealed: str | None
    state: DeliveryState
    attempts: int
    reason: str | None
    pointer: str | None
    field: str | None
    record: str | None
    result: str | None
    record_id: UUID | None
    customer_id: UUID | None
    received_at: datetime
    updated_at: datetime
    cause: Cause


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """What a source just sent; `text` is None for what is no text at all."""

    id: UUID
    source_id: UUID
    delivery_key: str
    text: str | None
    received_at: datetime
    cause: Cause


async def insert_delivery(session: Session, vault: Vault, new: NewDelivery) -> bool:
    """Write a delivery; return False when it was received before."""
    readable = new.text is not None
    added = await session.scalar(
        insert(inbound_deliveries)
        .values(
            id=new.id,
            source_id=new.source_id,
            delivery_key=new.delivery_key,
            body_sealed=vault.encrypt(new.text or "", context=_context(new.id))
            if readable
            else None,
            state=DeliveryState.RECEIVED if readable else DeliveryState.REJECTED,
            reason=None if readable else Misfit.BODY_MALFORMED,
            received_at=new.received_at,
            updated_at=new.received_at,
            correlation_id=new.cause.correlation_id,
            traceparent=new.cause.traceparent,
        )
        .on_conflict_do_nothing(index_elements=["source_id", "delivery_key"])
        .returning(inbound_deliveries.c.id)
    )
    return added is not None


def body_of(vault: Vault, delivery: InboundDelivery) -> bytes | None:
    """Return a delivery's body, None when it is kept no longer or its key is gone."""
    return None if delivery.sealed is None else _opened(vault, delivery.id, delivery.sealed)


async def claim_received(session: Session, *, limit: int) -> list[InboundDelivery]:
    """Return deliveries that wait for their mapping, oldest first, locked."""
    wanted = (
        _select()
        .where(inbound_deliveries.c.state == DeliveryState.RECEIVED)
        .order_by(inbound_deliveries.c.received_at, inbound_deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=inbound_deliveries)
    )
    return [_delivery(row) for row in await session.execute(wanted)]


async def lock_delivery(session: Session, delivery_id: UUID) -> InboundDelivery:
    """Return a delivery, locked. Raises NotFoundError."""
    wanted = _select().where(inbound_deliveries.c.id == delivery_id)
    return await _one(session, wanted.with_for_update(of=inbound_deliveries))


async def get_delivery(session: Session, delivery_id: UUID) -> InboundDelivery:
    """Return a delivery. Raises NotFoundError."""
    return await _one(session, _select().where(inbound_deliveries.c.id == delivery_id))


async def delivery_page(
    session: Session,
    *,
    source: str | None,
    state: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[InboundDelivery]:
    """Return up to `limit` deliveries, newest first."""
    table = inbound_deliveries
    wanted = _select()
    if source is not None:
        wanted = wanted.where(inbound_sources.c.slug == source)
    if state is not None:
        wanted = wanted.where(table.c.state == state)
    if before is not None:
        wanted = wanted.where(tuple_(table.c.received_at, table.c.id) < before)
    newest = wanted.order_by(table.c.received_at.desc(), table.c.id.desc()).limit(limit)
    return [_delivery(row) for row in await session.execute(newest)]


async def kept_about(session: Session, customer_id: UUID) -> list[UUID]:
    """Return the deliveries about a customer whose body is kept."""
    table = inbound_deliveries
    kept = table.c.body_sealed.is_not(None)
    found = await session.scalars(select(table.c.id).where(kept, _about(customer_id)))
    return list(found)


async def bodies_of_others(
    session: Session, vault: Vault, customer_id: UUID
) -> AsyncIterator[tuple[UUID, bytes]]:
    """Give the bodies that are kept of all other deliveries, few at a time: there may be many."""
    table = inbound_deliveries
    others = table.c.id.not_in(select(table.c.id).where(_about(customer_id)))
    rows = await session.stream(
        select(table.c.id, table.c.body_sealed).where(table.c.body_sealed.is_not(None), others)
    )
    async for row in rows:
        body = _opened(vault, row.id, row.body_sealed)
        if body is not None:
            yield row.id, body


def _about(customer_id: UUID) -> ColumnElement[bool]:
    table = inbound_deliveries
    his = select(table.c.customer_index).where(
        table.c.customer_id == customer_id, table.c.customer_index.is_not(None)
    )
    return or_(table.c.customer_id == customer_id, table.c.customer_index.in_(his))


def _select() -> Select[Any]:
    source = inbound_sources
    joined = inbound_deliveries.join(source, source.c.id == inbound_deliveries.c.source_id)
    return select(inbound_deliveries, source.c.slug.label("source"), source.c.mapping).select_from(
        joined
    )


async def _one(session: Session, wanted: Select[Any]) -> InboundDelivery:
    row = (await session.execute(wanted)).one_or_none()
    if row is None:
        raise NotFoundError("inbound_delivery_not_found", "There is no such delivery.")
    return _delivery(row)


def _delivery(row: Row[Any]) -> InboundDelivery:
    return InboundDelivery(
        id=row.id,
        source_id=row.source_id,
        source=row.source,
        mapping=row.mapping,
        delivery_key=row.delivery_key,
        sealed=row.body_sealed,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        pointer=row.pointer,
        field=row.field,
        record=row.record,
        result=row.result,
        record_id=row.record_id,
        customer_id=row.customer_id,
        received_at=row.received_at,
        updated_at=row.updated_at,
        cause=Cause(row.correlation_id, None, row.traceparent),
    )


def _opened(vault: Vault, delivery_id: UUID, sealed: str) -> bytes | None:
    try:
        return vault.decrypt(sealed, context=_context(delivery_id)).encode()
    except UnreadableError:
        return None


def _context(delivery_id: UUID) -> str:
    return f"inbound_body:{delivery_id}"
