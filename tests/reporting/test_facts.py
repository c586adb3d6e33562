"""No order, no repetition and no restart changes a figure: permuted lives against a recount."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.facts.routing_rules import FactKey, contributions, fact_key
from services.reporting.facts.rules import Contribution, Key, LoggedEvent, Sums, change
from services.reporting.figures.metrics import METRICS
from services.reporting.figures.rules import Figure, figure
from tests.reporting.lives import TEAMS, Cycle, Life, Survey

ZONE = ZoneInfo("Asia/Shanghai")
PLUS_8 = timezone(timedelta(hours=8))
Cells = dict[Key, Sums]
Wanted = Callable[[datetime, UUID | None], bool]


def replay(events: Iterable[LoggedEvent]) -> Cells:
    """Fold events as they come, each time replacing what their fact had contributed."""
    known: defaultdict[FactKey, list[LoggedEvent]] = defaultdict(list)
    rows: defaultdict[FactKey, list[Contribution]] = defaultdict(list)
    cells: defaultdict[Key, Sums] = defaultdict(Sums)
    for event in events:
        if (key := fact_key(event)) is None:
            continue
        known[key].append(event)
        new = contributions(key.kind, known[key], ZONE)
        for cell, sums in change(rows[key], new).items():
            cells[cell] += sums
        rows[key] = new
    return {cell: sums for cell, sums in cells.items() if sums != Sums()}


def figures(cells: Cells, wanted: Wanted) -> dict[str, Figure]:
    buckets: defaultdict[tuple[object, int], Sums] = defaultdict(Sums)
    for cell, sums in cells.items():
        noon = datetime(cell.day.year, cell.day.month, cell.day.day, 12, tzinfo=PLUS_8)
        if wanted(noon, cell.org_unit_id):
            buckets[cell.measure, cell.bucket] += sums
    return {code: figure(metric, buckets) for code, metric in METRICS.items()}  # type: ignore[arg-type]


def lives(random: Random) -> list[Life]:
    return [Life(random, number).live() for number in range(random.randint(1, 6))]


@given(st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_any_order_with_repetitions_ends_in_the_same_figures(random: Random) -> None:
    events = [event for life in lives(random) for event in life.events]
    shuffled = events + random.sample(events, len(events) // 3)
    random.shuffle(shuffled)
    assert replay(shuffled) == replay(events)


@given(st.randoms(use_true_random=False))
@settings(max_examples=120, deadline=None)
def test_folded_figures_equal_a_recount_of_what_happened(random: Random) -> None:
    told = lives(random)
    cells = replay(event for life in told for event in life.events)
    team = random.choice(TEAMS)
    first = datetime(2026, 11, random.randint(1, 20), tzinfo=PLUS_8)
    last = first + timedelta(days=random.randint(1, 30))

    def everything(_at: datetime, _team: UUID | None) -> bool:
        return True

    def of_a_team_and_period(at: datetime, unit: UUID | None) -> bool:
        return unit == team and first <= at < last

    for wanted in (everything, of_a_team_and_period):
        found = figures(cells, wanted)
        for code, (value, n) in recount(told, wanted).items():
            assert found[code].n == n, code
            assert found[code].value == (None if value is None else pytest.approx(value)), code


def recount(told: list[Life], wanted: Wanted) -> dict[str, tuple[float | None, int]]:
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
        "survey_response_rate": share(s.outcome == "completed" for s in sent),
        **recount_tickets(told, wanted),
    }


def recount_tickets(told: list[Life], wanted: Wanted) -> dict[str, tuple[float | None, int]]:
    own = [life for life in told if life.dims["kind"] != "recovery"]
    created = [life for life in own if wanted(life.created, team_of(life))]
    filed = [life for life in created if life.dims["kind"] == "complaint"]
    replied = [x for x in told if x.reply and wanted(x.reply, team_of(x))]
    ends = [(life, c) for life in told if (c := last_resolution(life))]
    ends = [(x, c) for x, c in ends if c.resolved and wanted(c.resolved, c.resolved_team)]
    first_limits = [
        x.reply is not None and x.reply <= x.first_due
        for x in own
        if wanted(x.first_due, team_of(x)) and not withdrawn(x, x.reply, x.first_due)
    ]
    limits = [
        (done := c.resolved or c.closed) is not None and done <= c.due
        for x in own
        if x.dims["kind"] == "complaint"
        for c in x.cycles
        if wanted(c.due, team_of(x)) and not withdrawn(x, c.resolved or c.closed, c.due)
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


@given(st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_closings_are_invitations_plus_suppressions(random: Random) -> None:
    told = lives(random)
    cells = replay(event for life in told for event in life.events)
    surveys: list[Survey] = [survey for life in told for survey in life.surveys]

    def n(measure: str, *buckets: int) -> int:
        return sum(s.n for k, s in cells.items() if k.measure == measure and k.bucket in buckets)

    assert n("closing", 0) == len(surveys) == n("invitation", 0, 1, 2, 3, 4)
    assert n("invitation", 4) == sum(survey.suppressed for survey in surveys)
    assert n("invitation", 1) == sum(survey.outcome == "completed" for survey in surveys)
    assert n("invitation", 2) == sum(survey.outcome == "expired" for survey in surveys)
