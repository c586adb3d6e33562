"""The one place that reads the clock; everything below a door is given `now`."""

from datetime import UTC, datetime


def utcnow() -> datetime:
    """Return the present instant, aware and in UTC."""
    return datetime.now(UTC)
