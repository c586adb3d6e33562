"""The figures once more from the record of what happened: plainly, without rows or events."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from tests.reporting.lives import PATHS, Cycle, Life

Wanted = Callable[[datetime, UUID | None], bool]


def lives(random: Random, least: int = 1, most: int = 6) -> list[Life]:
    return [Life(random, number).live() for number in range(random.randint(least, most))]


def recount(
    told: list[Life], wanted: Wanted, *, by: datetime | None = None
) -> dict[str, tuple[float | None, int]]:
    """Count again from the records, the plain way, without rows, buckets or events."""
    asked = [s for life in told for s in life.surveys if s.kind != "recovery"]
    closed = [s for s in asked if wanted(s.closed, s.team)]
    sent = [s for s in asked if s.delivered and wanted(s.delivered, s.team)]
    scores = [s.score for s in closed if s.score is not None]
    complaints = [s.score for s in closed if s.score is not None and s.kind == "complaint"]
    nps = [s.nps for s in closed if s.nps is not None]
    points = [100 * ((answer > 8) - (answer < 7)) for answer in nps]
    return {
        "csat_score": mean([20 * score for score in scores]),
        "satisfaction_rate": share(score >= 4 for score in scores),
        "complaint_satisfaction_rate": share(score >= 4 for score in complaints),
        "nps": mean(points),
        "survey_response_rate": share(s.outcome == "completed" and not s.taken_back for s in sent),
        **recount_tickets(told, wanted, by),
        **recount_ends(told, wanted),
    }


def recount_tickets(
    told: list[Life], wanted: Wanted, by: datetime | None
) -> dict[str, tuple[float | None, int]]:
    """Count; of limits only those that had fallen due by then."""

    def due(at: datetime, team: UUID | None) -> bool:
        return wanted(at, team) and (by is None or at <= by)

    own = [life for life in told if life.dims["kind"] != "recovery"]
    created = [life for life in own if wanted(life.created, team_of(life))]
    filed = [life for life in created if life.dims["kind"] == "complaint"]
    replied = [x for x in told if x.reply and wanted(x.reply, team_of(x))]
    ends = [(life, c) for life in told if (c := last_resolution(life))]
    ends = [(x, c) for x, c in ends if c.resolved and wanted(c.resolved, c.resolved_team)]
    first_limits = [
        x.reply is not None and x.reply <= x.first_due
        for x in own
        if due(x.first_due, team_of(x)) and not withdrawn(x, x.reply, x.first_due)
    ]
    limits = [
        (done := c.resolved or c.closed) is not None and done <= c.due
        for x in own
        if x.dims["kind"] == "complaint"
        for c in x.cycles
        if due(c.due, team_of(x)) and not withdrawn(x, c.resolved or c.closed, c.due)
    ]
    return {
        "complaint_count": (len(filed), len(filed)),
        "complaint_rate": share(life in filed for life in created),
        "first_response_time": mean([spent(x.created, x.reply) for x in replied if x.reply]),
        "resolution_time": mean([spent(x.created, c.resolved) for x, c in ends if c.resolved]),
        "reopen_rate": share(len(life.cycles) > 1 for life, _ in ends),
        "srr": share(first_limits),
        "cpr": share(limits),
    }


def recount_ends(told: list[Life], wanted: Wanted) -> dict[str, tuple[float | None, int]]:
    """Count how tickets of customers ended, and how often one contact was enough."""
    own = [life for life in told if life.dims["kind"] != "recovery"]
    created = [life for life in own if wanted(life.created, team_of(life))]
    shut = [(life, life.cycles[-1]) for life in own]
    closed = [
        spent(x.created, c.closed) for x, c in shut if c.closed and wanted(c.closed, c.closed_team)
    ]
    again = [x for x in own if len(x.cycles) > 1 and wanted(x.cycles[-1].begun, team_of(x))]
    ends = [(life, c) for life in own if (c := last_resolution(life))]
    ends = [(x, c) for x, c in ends if c.resolved and wanted(c.resolved, c.resolved_team)]
    known = [(x, c) for x, c in ends if x.customer and c.messages is not None]
    return {
        "ticket_count": (len(created), len(created)),
        "closed_count": (len(closed), len(closed)),
        "reopened_count": (len(again), len(again)),
        "closing_time": mean(closed),
        "within_deadline_rate": share(
            c.resolved is not None and c.resolved <= c.due for _, c in ends
        ),
        "fcr": share(once(life, cycle, own) for life, cycle in known),
    }


def once(life: Life, cycle: Cycle, others: list[Life]) -> bool:
    """Return whether one contact was enough."""
    week = timedelta(days=7)
    came_back = any(
        cycle.resolved < other.created <= cycle.resolved + week
        for other in others
        if other is not life
        and other.customer == life.customer
        and top(other) == top(life)
        and cycle.resolved is not None
    )
    wrote_once = cycle.messages is not None and cycle.messages <= 1
    return wrote_once and not cycle.moved and len(life.cycles) == 1 and not came_back


def top(life: Life) -> UUID | None:
    category: UUID | None = life.dims["category_id"]
    return PATHS[category][0] if category in PATHS else category


def team_of(life: Life) -> UUID | None:
    team: UUID | None = life.dims["org_unit_id"]
    return team


def last_resolution(life: Life) -> Cycle | None:
    return next((c for c in reversed(life.cycles) if c.resolved), None)


def withdrawn(life: Life, done: datetime | None, due: datetime) -> bool:
    return done is None and life.cancelled is not None and life.cancelled <= due


def spent(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


def mean(values: list[int] | list[float]) -> tuple[float | None, int]:
    return (sum(values) / len(values) if values else None, len(values))


def share(hits: Iterable[bool]) -> tuple[float | None, int]:
    return mean([100 * hit for hit in hits])
