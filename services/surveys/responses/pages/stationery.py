"""What all pages of an installation have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.surveys.questionnaires.vocabulary import Language


@dataclass(frozen=True, slots=True)
class Stationery:
    """The organisation's name by language, and the zone of its days."""

    companies: Mapping[Language, str]
    zone: ZoneInfo

    def day_of(self, instant: datetime) -> date:
        """Return the day of an instant as people here count it."""
        return instant.astimezone(self.zone).date()
