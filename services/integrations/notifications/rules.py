"""When a notice is tried again."""

from datetime import timedelta
from typing import Final

MOST_ATTEMPTS: Final = 6
"""With the pauses below a mail server may be away for an hour and a half."""

FIRST_PAUSE: Final = timedelta(seconds=15)
LONGEST_PAUSE: Final = timedelta(hours=1)
GROWTH: Final = 4


def pause_after(attempt: int) -> timedelta | None:
    """Return how long to wait after the attempt with this number; None when it was the last."""
    if attempt >= MOST_ATTEMPTS:
        return None
    return min(FIRST_PAUSE * int(GROWTH ** (attempt - 1)), LONGEST_PAUSE)
