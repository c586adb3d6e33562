"""No order, no repetition and no restart changes a figure: permuted lives against a recount."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.facts.routing_rules import FactKey, contributions, fact_key, fact_of
from services.reporting.facts.rules import Contribution, Key, LoggedEvent, Sums, change
from services.reporting.figures.registry import METRICS
from services.reporting.figures.rules import Figure, figure
from tests.reporting.lives import TEAMS, Survey
from tests.reporting.recount import Wanted, lives, recount

ZONE = ZoneInfo("Asia/Shanghai")
PLUS_8 = timezone(timedelta(hours=8))
Cells = dict[Key, Sums]


def replay(events: Iterable[LoggedEvent]) -> Cells:
    """Fold events as they come, each time replacing what their fact had contributed."""
    known: defaultdict[FactKey, list[LoggedEvent]] = defaultdict(list)
    rows: defaultdict[FactKey, list[Contribution]] = defaultdict(list)
    cells: defaultdict[Key, Sums] = defaultdict(Sums)
    for event in events:
        if (key := fact_key(event)) is None:
            continue
        known[key].append(event)
        fact = fact_of(key.kind, known[key])
        new = contributions(fact, ZONE) if fact else []
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
    first = datetime(2025, 11, random.randint(1, 20), tzinfo=PLUS_8)
    last = first + timedelta(days=random.randint(1, 30))

    def everything(_at: datetime, _team: UUID | None) -> bool:
        return True

    def of_a_team_and_period(at: datetime, unit: UUID | None) -> bool:
        return unit == team and first <= at < last

    for wanted in (everything, of_a_team_and_period):
        found = figures(cells, wanted)
        for code, (value, n) in recount(told, wanted).items():
            if code == "fcr":  # what a customer's other tickets say is known to the folder only
                continue
            assert found[code].n == n, code
            assert found[code].value == (None if value is None else pytest.approx(value)), code


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
