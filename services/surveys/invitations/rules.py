"""Whether a closed cycle is surveyed, and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.surveys.invitations.vocabulary import SuppressReason

LIVE = "live"
IMPORT = "import"
REPLAY = "replay"
STAFF = "staff"
RECOVERY = "recovery"

UNSURVEYED_RESOLUTIONS = {
    SuppressReason.NO_RESPONSE,
    SuppressReason.SPAM,
    SuppressReason.DUPLICATE,
}


@dataclass(frozen=True, slots=True)
class Timing:
    """When customers are asked, reminded, and asked no more."""

    delay: timedelta
    reminder: timedelta
    expiry: timedelta
    stale: timedelta


@dataclass(frozen=True, slots=True)
class Closing:
    """What the decision looks at; codes are open strings, as they were heard.

    `asked_before` is for recoveries: their customer is asked once, however often they close.
    """

    resolution_reason: str
    requester: str
    has_customer: bool
    origin: str
    closed_at: datetime
    asked_before: bool = False
    erased: bool = False


def reason_not_to_ask(closing: Closing, timing: Timing, *, now: datetime) -> SuppressReason | None:
    """Return why nobody is asked about a closing, the weightiest reason first; None to ask."""
    return next(_reasons(closing, timing, now), None)


def _reasons(closing: Closing, timing: Timing, now: datetime) -> Iterator[SuppressReason]:
    if closing.origin == IMPORT:
        yield SuppressReason.IMPORTED
    if closing.requester == STAFF:
        yield SuppressReason.STAFF_REQUESTER
    if closing.resolution_reason in UNSURVEYED_RESOLUTIONS:
        yield SuppressReason(closing.resolution_reason)
    if closing.erased:
        yield SuppressReason.CUSTOMER_ERASED
    if not closing.has_customer:
        yield SuppressReason.NO_CUSTOMER
    if closing.asked_before:
        yield SuppressReason.RECOVERY_ASKED
    late = closing.origin == LIVE and now - closing.closed_at > timing.stale
    if late or closing.origin == REPLAY:
        yield SuppressReason.STALE
