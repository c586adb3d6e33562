"""When a notice is tried again, and how much of an address is shown."""

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


def masked_email(address: str) -> str:
    """Return an address of which its owner knows his own, and nobody else the rest."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def masked_phone(number: str) -> str:
    """Return a phone number with its last two digits."""
    return f"***{number[-2:]}"
