"""Send by hand: a test, one delivery again, or everything that was missed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from services.integrations.webhooks.delivery_queries import (
    Delivery,
    Outgoing,
    get_delivery,
    insert_deliveries,
    insert_messages,
    lock_delivery,
    recover_missed,
    write_delivery,
)
from services.integrations.webhooks.queries import lock_webhook
from services.integrations.webhooks.rules import TEST_TYPE
from services.integrations.webhooks.trail import note
from services.integrations.webhooks.vocabulary import DeliveryState, Trigger, WebhookState
from shared.auth.actor import Actor
from shared.database import Session
from shared.errors import ConflictError, InvalidError
from shared.ids import new_id

FARTHEST_BACK: Final = timedelta(days=14)
"""Who missed more is better filled anew than by two weeks of events."""

MOST_AT_ONCE: Final = 10_000


async def send_test(session: Session, webhook_id: UUID, *, actor: Actor, now: datetime) -> Delivery:
    """Make due a test of a subscription, on the way of every event.

    Raises NotFoundError, ConflictError when it is disabled.
    """
    await _require_active(session, webhook_id)
    content = {"type": TEST_TYPE, "version": 1, "timestamp": now, "data": {}}
    body = orjson.dumps(content, option=orjson.OPT_UTC_Z)
    message = Outgoing(new_id(), TEST_TYPE, now, body)
    delivery_id = new_id()
    await insert_messages(session, [message])
    row = {
        "id": delivery_id,
        "webhook_id": webhook_id,
        "message_id": message.id,
        "state": DeliveryState.PENDING,
        "trigger": Trigger.TEST,
        "due_at": now,
        "created_at": now,
    }
    await insert_deliveries(session, [row])
    await note(session, "webhook.tested", webhook_id, actor, now)
    return await get_delivery(session, delivery_id)


async def redeliver(
    session: Session, delivery_id: UUID, *, actor: Actor, now: datetime
) -> Delivery:
    """Make due one more attempt, under the same id; what still waits for one gets it now.

    Raises NotFoundError, ConflictError while it is being sent or when its webhook is disabled.
    """
    webhook_id = (await get_delivery(session, delivery_id)).webhook_id
    await _require_active(session, webhook_id)
    delivery = await lock_delivery(session, delivery_id)
    if delivery.state is DeliveryState.SENDING and delivery.due_at > now:
        raise ConflictError("delivery_in_progress", "It is being sent at this moment.")
    waits = delivery.settled_at is None
    again = replace(
        delivery,
        state=DeliveryState.PENDING,
        trigger=delivery.trigger if waits else Trigger.BY_HAND,
        due_at=now,
        settled_at=None,
    )
    await write_delivery(
        session,
        delivery_id,
        state=again.state,
        trigger=again.trigger,
        due_at=again.due_at,
        settled_at=again.settled_at,
    )
    await note(session, "webhook.redelivered", webhook_id, actor, now, delivery=str(delivery_id))
    return again


async def recover(
    session: Session, webhook_id: UUID, *, since: datetime, actor: Actor, now: datetime
) -> int:
    """Make due what a subscription missed since an instant; return how much that is.

    Raises NotFoundError, ConflictError when it is disabled, InvalidError for what is too long ago.
    """
    if since < now - FARTHEST_BACK:
        raise InvalidError("too_long_ago", f"Go back {FARTHEST_BACK.days} days at most.")
    await _require_active(session, webhook_id)
    found = await recover_missed(session, webhook_id, since=since, now=now, limit=MOST_AT_ONCE)
    await note(session, "webhook.recovered", webhook_id, actor, now, deliveries=found)
    return found


async def _require_active(session: Session, webhook_id: UUID) -> None:
    """Lock a subscription. Raises NotFoundError, ConflictError when it is disabled."""
    webhook = await lock_webhook(session, webhook_id)
    if webhook.state is not WebhookState.ACTIVE:
        raise ConflictError("webhook_disabled", "The webhook is disabled: enable it first.")
