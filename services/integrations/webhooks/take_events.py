"""An event is heard: note it for everybody who wants it, serialised once."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.integrations.webhooks.delivery_queries import (
    Outgoing,
    insert_deliveries,
    insert_messages,
)
from services.integrations.webhooks.queries import (
    Webhook,
    all_webhooks,
    count_suppressed,
    note_passed_over,
)
from services.integrations.webhooks.rules import suppressed, wants
from services.integrations.webhooks.vocabulary import (
    DeliveryState,
    SuppressedReason,
    Trigger,
    WebhookState,
)
from shared.database import Session
from shared.ids import new_id
from shared.inbox.handlers import Received


async def take_events(
    session: Session, received: Sequence[Received[Any]], *, max_age: timedelta, now: datetime
) -> bool:
    """Note events for the subscriptions that want them; return whether any is to be sent now.

    What comes while a subscription is disabled is noted as cancelled, so that it can be recovered.
    What is not live, or too old, is counted only.
    """
    known = await all_webhooks(session)
    counts: Counter[tuple[UUID, SuppressedReason]] = Counter()
    passed_over: dict[UUID, SuppressedReason] = {}
    outgoing: dict[UUID, Outgoing] = {}
    rows: list[dict[str, Any]] = []
    for one in received:
        envelope = one.envelope
        reason = suppressed(envelope.origin, envelope.time, now, max_age)
        for webhook in known:
            if not wants(webhook.event_types, envelope.type):
                continue
            if reason is not None:
                counts[webhook.id, reason] += 1
                passed_over[envelope.id] = reason
                continue
            outgoing[envelope.id] = _outgoing(one)
            rows.append(_row(webhook, envelope.id, now))
    await count_suppressed(session, counts)
    await note_passed_over(session, passed_over)
    await insert_messages(session, list(outgoing.values()))
    await insert_deliveries(session, rows)
    return any(row["state"] is DeliveryState.PENDING for row in rows)


def _row(webhook: Webhook, message_id: UUID, now: datetime) -> dict[str, Any]:
    active = webhook.state is WebhookState.ACTIVE
    return {
        "id": new_id(),
        "webhook_id": webhook.id,
        "message_id": message_id,
        "state": DeliveryState.PENDING if active else DeliveryState.CANCELLED,
        "trigger": Trigger.EVENT,
        "due_at": now,
        "created_at": now,
        "settled_at": None if active else now,
    }


def _outgoing(received: Received[Any]) -> Outgoing:
    """Return an event as partners get it: ids, codes, numbers and instants, as its contract has it.

    `epoch` and `sequence` order what is said about one `subject`: an older one is to be dropped.
    """
    envelope = received.envelope
    body = {
        "type": envelope.type,
        "version": received.data.VERSION,
        "timestamp": envelope.time,
        "subject": envelope.subject,
        "epoch": envelope.epoch,
        "sequence": envelope.sequence,
        "data": received.data.model_dump(mode="json"),
    }
    serialised = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return Outgoing(envelope.id, envelope.type, envelope.time, serialised)
