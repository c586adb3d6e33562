"""Which events carry the count of their subject, and how missing numbers are written."""

import re
from collections.abc import Mapping
from typing import Final

from shared.contracts.registry import EVENTS

ANSWERS: Final = frozenset({"crm.record_taken", "crm.record_refused", "privacy.erasure_done"})
"""They repeat the number of what they answer."""

_RANGE: Final = re.compile(r"\[(\d+),(\d+)\)")


def sources() -> Mapping[str, str]:
    """Return which service says the events whose type begins so, as in ticket.closed."""
    return {
        contract.TYPE.partition(".")[0]: contract.SENDERS[0]
        for contract in EVENTS.values()
        if contract.TYPE not in ANSWERS and len(contract.SENDERS) == 1
    }


def written(multirange: str) -> str:
    """Return PostgreSQL's `{[3,4),[7,10)}` as people write it: `3, 7-9`."""
    spans = ((int(first), int(end) - 1) for first, end in _RANGE.findall(multirange))
    return ", ".join(f"{first}-{last}" if first < last else str(first) for first, last in spans)
