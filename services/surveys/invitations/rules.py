"""Whether a closed cycle is surveyed, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.surveys.invitations.vocabulary import SuppressReason

LIVE = "live"
IMPORT = "import"
STAFF = "staff"

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
    """What the decision looks at; codes are open strings, as they were heard."""

    resolution_reason: str
    requester: str
    has_customer: bool
    origin: str
    closed_at: datetime


def reason_not_to_ask(closing: Closing, timing: Timing, *, now: datetime) -> SuppressReason | None:
    """Return why nobody is asked about a closing, the weightiest reason first; None to ask."""
    if closing.origin == IMPORT:
        return SuppressReason.IMPORTED
    if closing.requester == STAFF:
        return SuppressReason.STAFF_REQUESTER
    if closing.resolution_reason in UNSURVEYED_RESOLUTIONS:
        return SuppressReason(closing.resolution_reason)
    if not closing.has_customer:
        return SuppressReason.NO_CUSTOMER
    if closing.origin == LIVE and now - closing.closed_at > timing.stale:
        return SuppressReason.STALE
    return None
