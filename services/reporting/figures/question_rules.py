"""What is asked about a metric."""

from dataclasses import dataclass, fields
from datetime import date, datetime, tzinfo
from uuid import UUID

from services.reporting.facts.rules import day_of
from services.reporting.figures.metric_rules import Metric
from services.reporting.figures.period_rules import Period
from services.reporting.figures.vocabulary import TIMES, By

Group = UUID | str | date | None


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the figures is asked for; None leaves a dimension open.

    A unit or a category stands for itself and all below it.
    """

    org_unit_id: UUID | None = None
    channel: str | None = None
    kind: str | None = None
    priority: str | None = None
    tier: str | None = None
    category_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `units` are those that the asker may see, with all below, None for all.

    `narrow` says that the sums by one dimension are as new as those by all.
    """

    metric: Metric
    period: Period
    part: Part
    units: frozenset[UUID] | None
    as_of: datetime
    zone: tzinfo
    by: By | None = None
    narrow: bool = True

    @property
    def today(self) -> date:
        """Return the business day up to whose present second the figures are known."""
        return day_of(self.as_of, self.zone)

    @property
    def dimensions(self) -> frozenset[str]:
        """Return by which dimensions the rows must be told apart."""
        named = {one.name for one in fields(Part) if getattr(self.part, one.name) is not None}
        if self.units is not None:
            named.add(By.ORG_UNIT)
        if self.by is not None and self.by not in TIMES:
            named.add(self.by)
        return frozenset(named)
