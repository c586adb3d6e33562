"""How missing numbers are written."""

import re
from typing import Final

_RANGE: Final = re.compile(r"\[(\d+),(\d+)\)")


def written(multirange: str) -> str:
    """Return PostgreSQL's `{[3,4),[7,10)}` as people write it: `3, 7-9`."""
    spans = ((int(first), int(end) - 1) for first, end in _RANGE.findall(multirange))
    return ", ".join(f"{first}-{last}" if first < last else str(first) for first, last in spans)
