"""Forget what was sent about one customer: the bodies go, what became of them stays."""

from uuid import UUID

from services.integrations.inbound.delivery_queries import bodies_of_others, kept_about
from services.integrations.inbound.outcome_queries import drop_these_bodies
from shared.crypto.vault import Vault
from shared.database import Session
from shared.privacy.traces import Traces


async def forget_deliveries(session: Session, vault: Vault, traces: Traces) -> frozenset[UUID]:
    """Drop the bodies that are about a customer or name him; return of which deliveries.

    Who they are about is known by what tickets answered, and by the partner's id of him; all others
    are read through, for one may name him.
    """
    known = await kept_about(session, traces.customer_id)
    named = {
        delivery_id
        async for delivery_id, body in bodies_of_others(session, vault, traces.customer_id)
        if traces.in_text(body.decode())
    }
    found = frozenset({*known, *named})
    await drop_these_bodies(session, found)
    return found
