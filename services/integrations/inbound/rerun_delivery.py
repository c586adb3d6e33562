"""Map a delivery again, after its mapping was mended."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.integrations.inbound.delivery_queries import (
    RERUNNABLE,
    InboundDelivery,
    lock_delivery,
)
from services.integrations.inbound.outcome_queries import rerun_all, write_outcome
from services.integrations.inbound.source_queries import lock_source
from services.integrations.inbound.vocabulary import DeliveryState
from shared.audit import audit
from shared.auth.actor import Actor
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import ConflictError


async def rerun_delivery(
    session: Session, delivery_id: UUID, *, actor: Actor, now: datetime
) -> InboundDelivery:
    """Let a delivery be mapped again; one that is on its way already goes on.

    Raises NotFoundError, or ConflictError for one that was taken or whose body is gone.
    """
    delivery = await lock_delivery(session, delivery_id)
    if delivery.state is DeliveryState.TAKEN:
        raise ConflictError(
            "delivery_taken", "The delivery was taken; a second time changes nothing."
        )
    if delivery.state not in RERUNNABLE:
        return delivery
    if delivery.sealed is None:
        raise ConflictError("delivery_body_gone", "The body is kept no longer.")
    await write_outcome(session, delivery_id, DeliveryState.RECEIVED, now=now)
    await audit(
        session,
        "inbound_delivery.rerun",
        actor=actor,
        subject_kind="inbound_delivery",
        subject_id=delivery_id,
        now=now,
    )
    return replace(
        delivery,
        state=DeliveryState.RECEIVED,
        reason=None,
        pointer=None,
        field=None,
        updated_at=now,
    )


async def rerun_source(
    session: Session, vault: Vault, source_id: UUID, *, actor: Actor, now: datetime
) -> int:
    """Let all that a source sent in vain be mapped again; return how many. Raises NotFoundError."""
    await lock_source(session, vault, source_id, version=None, now=now)
    rerun = await rerun_all(session, source_id, now=now)
    await audit(
        session,
        "inbound_source.rerun",
        actor=actor,
        subject_kind="inbound_source",
        subject_id=source_id,
        now=now,
        deliveries=rerun,
    )
    return rerun
