"""Secrets by which a source signs: two while one replaces the other."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

SHORTEST_SECRET: Final = 16
"""Somebody who has seen one signed body can try short secrets at home."""


@dataclass(frozen=True, slots=True)
class SourceSecret:
    """A secret in clear; without an end it holds until it is replaced."""

    text: str
    expires_at: datetime | None


def holding(secrets: Iterable[SourceSecret], now: datetime) -> tuple[SourceSecret, ...]:
    """Return those that hold."""
    return tuple(one for one in secrets if one.expires_at is None or now < one.expires_at)


def replaced(
    secrets: tuple[SourceSecret, ...], new: str, *, grace: timedelta, now: datetime
) -> tuple[SourceSecret, ...]:
    """Return the secrets after a replacement: the last one holds for the grace, older ones end."""
    last = (replace(secrets[0], expires_at=now + grace),) if secrets and grace else ()
    return (SourceSecret(new, None), *last)
