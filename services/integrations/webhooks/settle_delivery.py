"""How an attempt ended: delivered, to be tried again, given up, or the end of a subscription."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.integrations.webhooks.attempt_queries import Attempt, insert_attempt
from services.integrations.webhooks.delivery_queries import (
    Delivery,
    write_delivery,
)
from services.integrations.webhooks.due_queries import lock_claimed
from services.integrations.webhooks.end_webhook import give_up
from services.integrations.webhooks.queries import Webhook, lock_webhook, write_failing
from services.integrations.webhooks.rules import Schedule, is_given_up, pause_after
from services.integrations.webhooks.vocabulary import (
    AnswerFailure,
    DeliveryState,
    DisabledReason,
    Trigger,
    WebhookState,
)
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import NotFoundError

SCHEDULED: Final = frozenset({Trigger.EVENT, Trigger.RECOVERY})
"""Who sends by hand looks at what comes of it and sends again by hand."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An attempt with what it means for the next."""

    attempt: Attempt
    overloaded: bool
    retry_after: timedelta | None


async def settle_delivery(
    session: Session,
    vault: Vault,
    schedule: Schedule,
    claimed: Delivery,
    outcome: Outcome,
    *,
    chance: float,
    now: datetime,
) -> None:
    """Write down how an attempt ended, unless somebody took it over or took it away meanwhile."""
    try:
        webhook = await lock_webhook(session, claimed.webhook_id)
    except NotFoundError:
        return
    if not await lock_claimed(session, claimed):
        return
    attempt = outcome.attempt
    await insert_attempt(session, vault, claimed.id, attempt)
    pause = _pause(webhook, claimed, outcome, schedule, chance)
    await _write(session, webhook, claimed, attempt, pause=pause, now=now)
    if attempt.failure is None:
        if webhook.failing_since is not None:
            await write_failing(session, webhook.id, None)
        return
    since = webhook.failing_since or attempt.began_at
    over = pause is None and is_given_up(schedule, since, now)
    reason = _end_of(webhook, claimed, attempt, over=over)
    if reason is not None:
        await give_up(session, vault, webhook, reason, now=now)
    elif webhook.failing_since is None and claimed.trigger in SCHEDULED:
        await write_failing(session, webhook.id, since)


def _end_of(
    webhook: Webhook, claimed: Delivery, attempt: Attempt, *, over: bool
) -> DisabledReason | None:
    """Return why a failure is the end of a subscription; None when it is not, or it has ended."""
    if webhook.state is not WebhookState.ACTIVE:
        return None
    if attempt.failure == AnswerFailure.GONE:
        return DisabledReason.GONE
    return DisabledReason.FAILING if over and claimed.trigger in SCHEDULED else None


def _pause(
    webhook: Webhook, claimed: Delivery, outcome: Outcome, schedule: Schedule, chance: float
) -> timedelta | None:
    """Return how long a delivery waits for its next attempt, None when there is none by itself."""
    failure = outcome.attempt.failure
    if failure is None or failure == AnswerFailure.GONE:
        return None
    if webhook.state is not WebhookState.ACTIVE or claimed.trigger not in SCHEDULED:
        return None
    return pause_after(
        schedule,
        claimed.failures + 1,
        overloaded=outcome.overloaded,
        retry_after=outcome.retry_after,
        chance=chance,
    )


async def _write(
    session: Session,
    webhook: Webhook,
    claimed: Delivery,
    attempt: Attempt,
    *,
    pause: timedelta | None,
    now: datetime,
) -> None:
    await write_delivery(
        session,
        claimed.id,
        state=_state(webhook, attempt, pause),
        failures=claimed.failures + (attempt.failure is not None),
        due_at=now if pause is None else now + pause,
        last_status=attempt.status,
        last_failure=attempt.failure,
        settled_at=now if pause is None else None,
    )


def _state(webhook: Webhook, attempt: Attempt, pause: timedelta | None) -> DeliveryState:
    if attempt.failure is None:
        return DeliveryState.DELIVERED
    if pause is not None:
        return DeliveryState.PENDING
    active = webhook.state is WebhookState.ACTIVE
    return DeliveryState.DEAD if active else DeliveryState.CANCELLED
