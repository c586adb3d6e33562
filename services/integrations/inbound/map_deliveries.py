"""Make records of what was received, and send them to tickets."""

from datetime import datetime
from typing import Final

import structlog

from services.integrations.inbound.delivery_queries import (
    InboundDelivery,
    body_of,
    claim_received,
)
from services.integrations.inbound.mapping_rules import Mapped, MisfitError, map_body
from services.integrations.inbound.outcome_queries import write_outcome
from services.integrations.inbound.pointer_rules import MalformedBodyError, parsed
from services.integrations.inbound.records import customer_of, letter_of, record_of
from services.integrations.inbound.vocabulary import DeliveryState, Misfit
from shared.crypto.vault import Vault
from shared.database import Database, Session
from shared.outbox.emit import Saying, send

BATCH: Final = 50

log = structlog.get_logger()


async def map_received(database: Database, vault: Vault, *, now: datetime) -> int:
    """Map a batch of deliveries; return how many were settled."""
    async with database.transaction() as session:
        claimed = await claim_received(session, limit=BATCH)
        for delivery in claimed:
            await _settle(session, vault, delivery, now=now)
    return len(claimed)


async def _settle(
    session: Session, vault: Vault, delivery: InboundDelivery, *, now: datetime
) -> None:
    attempts = delivery.attempts + 1
    try:
        mapped = _mapped(vault, delivery)
        if mapped is None:
            await write_outcome(
                session, delivery.id, DeliveryState.IGNORED, now=now, attempts=attempts
            )
            return
        record = record_of(mapped, received_at=delivery.received_at)
    except MisfitError as misfit:
        await write_outcome(
            session,
            delivery.id,
            DeliveryState.REJECTED,
            now=now,
            attempts=attempts,
            reason=misfit.reason,
            pointer=misfit.pointer,
            field=misfit.field,
        )
        return
    letter = letter_of(record, source=delivery.source, delivery_id=delivery.id)
    customer = customer_of(record)
    await write_outcome(
        session,
        delivery.id,
        DeliveryState.SENT,
        now=now,
        attempts=attempts,
        record=mapped.record,
        customer_index=customer_index(vault, delivery.source, customer) if customer else None,
    )
    saying = Saying(letter, delivery.id, attempts, delivery.received_at, cause=delivery.cause)
    await send(session, vault, saying)


def customer_index(vault: Vault, source: str, external_id: str) -> bytes:
    """Return by what the deliveries about one customer of a partner are found."""
    return vault.blind_index(f"external:{source}:{external_id}")


def _mapped(vault: Vault, delivery: InboundDelivery) -> Mapped | None:
    body = body_of(vault, delivery)
    if body is None:
        raise MisfitError(Misfit.BODY_UNREADABLE)
    try:
        return map_body(delivery.mapping, parsed(body))
    except MalformedBodyError as error:
        raise MisfitError(Misfit.BODY_MALFORMED) from error
    except MisfitError:
        raise
    except Exception as error:
        # one body that we did not foresee must not hold up those behind it
        log.exception("mapping_failed", delivery_id=str(delivery.id))
        raise MisfitError(Misfit.MAPPING_FAILED) from error
