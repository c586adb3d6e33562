"""What leaves for partners, for whoever watches: how attempts end, and how long the rest waits."""

from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Counter, Gauge
from sqlalchemy import func, select

from services.integrations.webhooks.delivery_queries import UNSETTLED
from services.integrations.webhooks.tables import webhook_deliveries as deliveries
from services.integrations.webhooks.tables import webhooks
from services.integrations.webhooks.vocabulary import WebhookState
from shared.database import Database
from shared.sweeps import Sweep

ATTEMPTS: Final = Counter(
    "careloop_webhook_attempts_total", "Requests to partners, by how they ended", ["outcome"]
)
DELIVERED: Final = "delivered"

OLDEST_DUE: Final = Gauge(
    "careloop_webhook_oldest_pending_seconds",
    "How long the delivery waits that is due the longest; a planned pause is no waiting",
)

EVERY: Final = timedelta(seconds=15)


async def _measure(database: Database, now: datetime) -> int:
    due = (
        select(func.min(deliveries.c.due_at))
        .join(webhooks)
        .where(deliveries.c.state.in_(UNSETTLED), webhooks.c.state == WebhookState.ACTIVE)
    )
    async with database.transaction() as session:
        oldest = await session.scalar(due)
    waited = (now - oldest).total_seconds() if oldest else 0
    OLDEST_DUE.set(max(waited, 0))
    return 0


MEASURE: Final = Sweep("webhook_backlog", EVERY, _measure)
