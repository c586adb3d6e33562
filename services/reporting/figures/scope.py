"""What a request asks about: period and part, within what its sender may see."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator, StringConstraints

from services.reporting.facts.freshness import freshness
from services.reporting.facts.rules import day_of
from services.reporting.figures.metric_rules import Metric
from services.reporting.figures.period_rules import Period
from services.reporting.figures.question_rules import Part, Question
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission, Reach, reach_of
from shared.clock import utcnow
from shared.errors import InvalidError
from shared.http.transaction import Transaction

DEFAULT_DAYS: Final = 30
LONGEST_DAYS: Final = 3 * 366
"""Three years by day are a thousand groups; longer comparisons are asked for in parts."""

EARLIEST: Final = date(1990, 1, 1)
LATEST: Final = date(2199, 12, 31)
"""Beyond these no service has figures, and the weeks around them are no dates any more."""

UNSET: Final = BeforeValidator(lambda value: value or None)
"""A form sends the fields that were left open as empty ones."""

Reader = Annotated[Actor, Depends(allowed(Permission.FIGURES_READ))]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]


@dataclass(frozen=True, slots=True)
class Scope:
    """A period and a part of the figures; `units` and `narrow` as in `Question`."""

    period: Period
    part: Part
    units: frozenset[UUID] | None
    as_of: datetime
    zone: tzinfo
    narrow: bool

    def question(self, metric: Metric) -> Question:
        """Return the question about a metric."""
        return Question(
            metric,
            self.period,
            self.part,
            self.units,
            self.as_of,
            self.zone,
            narrow=self.narrow,
        )


def asked_part(
    *,
    org_unit_id: Annotated[UUID | None, UNSET] = None,
    channel: Annotated[Code | None, UNSET] = None,
    kind: Annotated[Code | None, UNSET] = None,
    priority: Annotated[Code | None, UNSET] = None,
    tier: Annotated[Code | None, UNSET] = None,
    category_id: Annotated[UUID | None, UNSET] = None,
) -> Part:
    """Return which part of the figures a request asks about."""
    return Part(org_unit_id, channel, kind, priority, tier, category_id)


AskedPart = Annotated[Part, Depends(asked_part)]


async def asked_scope(
    *,
    request: Request,
    session: Transaction,
    reader: Reader,
    part: AskedPart,
    first: Annotated[date | None, Query(alias="from", description="First day")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day, included")] = None,
) -> Scope:
    """Return what a request asks about."""
    fresh = await freshness(session, now=utcnow())
    zone: tzinfo = request.app.state.zone
    return Scope(
        period=period_of(first, last or max(day_of(fresh.as_of, zone), first or date.min)),
        part=part,
        units=units_seen(reader),
        as_of=fresh.as_of,
        zone=zone,
        narrow=fresh.narrow,
    )


AskedScope = Annotated[Scope, Depends(asked_scope)]


def units_seen(reader: Actor) -> frozenset[UUID] | None:
    """Return the units whose figures somebody may see, with all below; None for all."""
    if reach_of(reader, Permission.FIGURES_READ) is Reach.ALL:
        return None
    return reader.org_unit_ids


def period_of(first: date | None, last: date) -> Period:
    """Return the period from `first` (30 days by default). Raises InvalidError."""
    if not EARLIEST <= (first or last) <= last <= LATEST:
        raise InvalidError("invalid_period", f"Ask for days from {EARLIEST} to {LATEST}.")
    period = Period(first or last - timedelta(days=DEFAULT_DAYS - 1), last)
    if period.days > LONGEST_DAYS:
        raise InvalidError("invalid_period", f"Ask for at most {LONGEST_DAYS} days.")
    return period
