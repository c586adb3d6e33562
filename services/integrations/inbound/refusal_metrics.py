"""How many were turned away, for whoever watches."""

from typing import Final

from prometheus_client import Counter

INBOUND_REJECTED: Final = Counter(
    "inbound_webhook_rejected_total",
    "Requests to a partner's address that were turned away",
    ["source", "reason"],
)
