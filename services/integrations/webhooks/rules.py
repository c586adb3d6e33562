"""What leaves, when it is tried again, and when a subscription ends: pure."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from services.integrations.webhooks.vocabulary import AnswerFailure, SuppressedReason

EVERY_TYPE: Final = "*"
TEST_TYPE: Final = "webhook.test"
LIVE: Final = "live"

JITTER: Final = 0.2
"""Either way: a partner who comes back is not met by everything at the same second."""

SIDE_BY_SIDE: Final = 3
"""Requests to one partner at a time."""
SIDE_BY_SIDE_FAILING: Final = 1
"""To one who did not take the last; he gets no more of the workers until he takes something."""

GONE: Final = 410
THROTTLING: Final = frozenset({429, 502, 504})

_SECONDS: Final = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Schedule:
    """How patient deliveries are; `pauses` follow one attempt each."""

    pauses: Sequence[timedelta]
    overload: timedelta
    disable_after: timedelta
    max_age: timedelta


def wants(event_types: Collection[str], event_type: str) -> bool:
    """Return whether a subscription is for events of a type."""
    return EVERY_TYPE in event_types or event_type in event_types


def suppressed(
    origin: str, occurred_at: datetime, now: datetime, max_age: timedelta
) -> SuppressedReason | None:
    """Return why an event does not leave; None when it does."""
    if origin != LIVE:
        return SuppressedReason.NOT_LIVE
    return SuppressedReason.TOO_OLD if now - occurred_at > max_age else None


def failure_of(status: int) -> AnswerFailure | None:
    """Return what is wrong with an answer; None for any 2xx."""
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 9110, 15.3
        return None
    if status == GONE:
        return AnswerFailure.GONE
    if status in THROTTLING:
        return AnswerFailure.THROTTLED
    if status >= 500:  # noqa: PLR2004 - RFC 9110, 15.6
        return AnswerFailure.SERVER_ERROR
    return AnswerFailure.CLIENT_ERROR if status >= 400 else AnswerFailure.REDIRECT  # noqa: PLR2004


def pause_after(
    schedule: Schedule,
    failures: int,
    *,
    overloaded: bool,
    retry_after: timedelta | None,
    chance: float,
) -> timedelta | None:
    """Return how long to wait after so many failures, None when that was the last attempt.

    `chance` is from 0 to 1. An overloaded partner gets time to breathe; one who says how long gets
    that, but no less than the schedule and no more than twice.
    """
    if failures > len(schedule.pauses):
        return None
    scheduled = schedule.pauses[failures - 1] * (1 + JITTER * (2 * chance - 1))
    if overloaded:
        scheduled = max(scheduled, schedule.overload)
    return max(scheduled, min(retry_after or scheduled, 2 * scheduled))


def retry_after_of(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long a partner asks us to wait (RFC 9110, 10.2.3); None when he does not."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return timedelta(seconds=math.ceil(float(value)))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - now, timedelta())


def is_given_up(schedule: Schedule, failing_since: datetime, now: datetime) -> bool:
    """Return whether a partner has taken nothing for so long that nothing more is sent.

    Asked when a delivery is dead, not at its first failure: a partner who was away on the one day
    in a month on which something happened is given the whole schedule.
    """
    return now - failing_since >= schedule.disable_after
