"""What is due, and whose turn it is: one partner never takes all the workers."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, case, func, literal, select, true, update

from services.integrations.webhooks.delivery_queries import UNSETTLED, Delivery, get_delivery
from services.integrations.webhooks.rules import SIDE_BY_SIDE, SIDE_BY_SIDE_FAILING
from services.integrations.webhooks.tables import webhook_deliveries as deliveries
from services.integrations.webhooks.tables import webhooks
from services.integrations.webhooks.vocabulary import DeliveryState, WebhookState
from shared.database import Session
from shared.locks import WEBHOOKS


async def claim_next(
    session: Session, *, now: datetime, lease: timedelta, failing_too: bool
) -> Delivery | None:
    """Claim the delivery that waits longest, until the lease ends, and count the attempt.

    Partners who have as many requests as they may are passed over, and those who did not take the
    last one unless `failing_too`. One worker looks at a time, else two would count alike and both
    take a partner's last place.
    """
    await session.execute(select(func.pg_advisory_xact_lock(WEBHOOKS)))
    chosen = await session.scalar(_longest_due(now, failing_too=failing_too))
    if chosen is None:
        return None
    await session.execute(
        update(deliveries)
        .where(deliveries.c.id == chosen)
        .values(
            state=DeliveryState.SENDING,
            attempts=deliveries.c.attempts + 1,
            due_at=literal(now + lease),
        )
    )
    return await get_delivery(session, chosen)


def _longest_due(now: datetime, *, failing_too: bool) -> Select[UUID]:
    due = (
        select(deliveries.c.id, deliveries.c.due_at)
        .where(
            deliveries.c.webhook_id == webhooks.c.id,
            deliveries.c.state.in_(UNSETTLED),
            deliveries.c.due_at <= now,
        )
        .order_by(deliveries.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)  # of one that is being settled or sent by hand
        .lateral("due")
    )
    busy = (
        select(func.count())
        .where(
            deliveries.c.webhook_id == webhooks.c.id,
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.due_at > now,
        )
        .scalar_subquery()
    )
    healthy = webhooks.c.failing_since.is_(None)
    most = case((healthy, SIDE_BY_SIDE), else_=SIDE_BY_SIDE_FAILING)
    return (
        select(due.c.id)
        .select_from(webhooks.join(due, true()))
        .where(webhooks.c.state == WebhookState.ACTIVE, busy < most)
        .where(true() if failing_too else healthy)
        .order_by(due.c.due_at)
        .limit(1)
    )


async def lock_claimed(session: Session, claimed: Delivery) -> bool:
    """Return whether the attempt is still ours: nobody took it over after a lapsed lease."""
    found = await session.scalar(
        select(deliveries.c.id)
        .where(
            deliveries.c.id == claimed.id,
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.attempts == claimed.attempts,
        )
        .with_for_update()
    )
    return found is not None
