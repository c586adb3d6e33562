"""Ids of rows and messages: UUIDv7, so that they sort and partition by time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from shared.clock import correction

TIME_BITS_FROM = 80
MILLISECOND = timedelta(milliseconds=1)


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): its first 48 bits are the Unix time in milliseconds."""
    made, wrong = uuid7(), correction()
    return UUID(int=made.int + (wrong // MILLISECOND << TIME_BITS_FROM)) if wrong else made


def first_id_at(instant: datetime) -> UUID:
    """Return the smallest UUIDv7 of an instant: the bound of a partition by time."""
    milliseconds = int(instant.timestamp() * 1000)
    return UUID(int=(milliseconds << TIME_BITS_FROM) | (0x7 << 76) | (0x2 << 62))


def instant_of(row_id: UUID) -> datetime:
    """Return when a UUIDv7 was made, to the millisecond."""
    return datetime.fromtimestamp(0, UTC) + (row_id.int >> TIME_BITS_FROM) * MILLISECOND
