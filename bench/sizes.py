"""How much a run does; `BENCH_SHARE=0.05` does a twentieth, to see whether the bench works."""

import os
from typing import Final

SHARE: Final = float(os.environ.get("BENCH_SHARE", "1"))
FEWEST: Final = 60


def some(count: int) -> int:
    """Return the share of a count that this run takes."""
    return count if SHARE >= 1 else max(FEWEST, int(count * SHARE))
