"""Deliver what is due: claim with a lease, send outside any transaction, settle.

A worker that dies in between leaves the delivery to the lease; it then goes out again under the
same id, which is how partners know a repetition.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.integrations.egress.requests import Answer, Egress, EgressError, post
from services.integrations.egress.vocabulary import EgressFailure
from services.integrations.partners.standard_webhooks import signed_headers
from services.integrations.webhooks.attempt_queries import Attempt
from services.integrations.webhooks.delivery_queries import Delivery, body_of
from services.integrations.webhooks.due_queries import claim_next
from services.integrations.webhooks.measuring import ATTEMPTS, DELIVERED
from services.integrations.webhooks.queries import active_secrets, address_of, get_webhook
from services.integrations.webhooks.rules import Schedule, failure_of, retry_after_of
from services.integrations.webhooks.settle_delivery import Outcome, settle_delivery
from services.integrations.webhooks.vocabulary import AnswerFailure
from shared.crypto.vault import Vault
from shared.database import Database
from shared.tracing import Kind, Step, span

HEADERS: Final = {"content-type": "application/json", "user-agent": "CareLoop-Webhooks/1"}

SHOWN_BYTES: Final = 1024
"""An error message fits; a page of HTML need not."""

OVERLOADED: Final = frozenset({AnswerFailure.THROTTLED, EgressFailure.TIMED_OUT})


@dataclass(frozen=True, slots=True)
class Sending:
    """What sending works with in one installation; `chance` gives from 0 to 1."""

    vault: Vault
    egress: Egress
    schedule: Schedule
    chance: Callable[[], float]

    @property
    def lease(self) -> timedelta:
        """Return how long an attempt is its worker's: longer than it can take, and its commit."""
        return timedelta(seconds=2 * self.egress.timeout_seconds + 30)


@dataclass(frozen=True, slots=True)
class _Claimed:
    delivery: Delivery
    url: str
    secrets: list[str]
    body: bytes


async def deliver_next(
    database: Database, sending: Sending, *, now: datetime, failing_too: bool
) -> int:
    """Deliver what waits longest; return 0 when nothing is due."""
    claimed = await _claim(database, sending, now=now, failing_too=failing_too)
    if claimed is None:
        return 0
    began = time.monotonic()
    answer = await _post(sending.egress, claimed, now)
    took = timedelta(seconds=time.monotonic() - began)
    attempt, retry_after = _attempt(claimed.delivery, answer, now, took)
    ATTEMPTS.labels(attempt.failure or DELIVERED).inc()
    outcome = Outcome(attempt, overloaded=attempt.failure in OVERLOADED, retry_after=retry_after)
    async with database.transaction() as session:
        await settle_delivery(
            session,
            sending.vault,
            sending.schedule,
            claimed.delivery,
            outcome,
            chance=sending.chance(),
            now=now + took,
        )
    return 1


async def _claim(
    database: Database, sending: Sending, *, now: datetime, failing_too: bool
) -> _Claimed | None:
    async with database.transaction() as session:
        delivery = await claim_next(session, now=now, lease=sending.lease, failing_too=failing_too)
        if delivery is None:
            return None
        return _Claimed(
            delivery,
            address_of(sending.vault, await get_webhook(session, delivery.webhook_id)),
            await active_secrets(session, sending.vault, delivery.webhook_id, now),
            await body_of(session, delivery.message_id),
        )


async def _post(egress: Egress, claimed: _Claimed, now: datetime) -> Answer | EgressFailure:
    id = str(claimed.delivery.message_id)
    signed = signed_headers(claimed.secrets, id, int(now.timestamp()), claimed.body)
    step = Step("deliver webhook", None, {"messaging.message.id": id})
    with span(Kind.CLIENT, step):
        try:
            return await post(egress, claimed.url, headers={**HEADERS, **signed}, body=claimed.body)
        except EgressError as error:
            return error.failure


def _attempt(
    delivery: Delivery, answer: Answer | EgressFailure, now: datetime, took: timedelta
) -> tuple[Attempt, timedelta | None]:
    """Return an attempt as it is logged, and how long the partner asks us to wait."""
    failure: AnswerFailure | EgressFailure | None
    if isinstance(answer, Answer):
        status, failure = answer.status, failure_of(answer.status)
        shown = answer.body[:SHOWN_BYTES].decode(errors="replace")
        retry_after = retry_after_of(answer.headers, now + took)
    else:
        status, failure, shown, retry_after = None, answer, None, None
    attempt = Attempt(
        number=delivery.attempts,
        trigger=delivery.trigger,
        began_at=now,
        duration_ms=round(took / timedelta(milliseconds=1)),
        status=status,
        failure=failure,
        answer=shown,
    )
    return attempt, retry_after
