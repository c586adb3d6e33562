"""Sums by one dimension are those of the rows, are read where they suffice, and never too early."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from services.reporting.facts.freshness import freshness
from services.reporting.facts.tables import contributions, narrow_figures
from services.reporting.figures import answer as answering
from services.reporting.figures.answer import Answer, answer, answers
from services.reporting.figures.metric_rules import Shape
from services.reporting.figures.period_rules import Period
from services.reporting.figures.queries import cells
from services.reporting.figures.question_rules import Part, Question
from services.reporting.figures.registry import METRICS
from services.reporting.figures.vocabulary import By
from services.reporting.rebuild.rebuild import rebuild
from shared.clock import utcnow
from tests.reporting.conftest import TEAM, ZONE, Desk
from tests.reporting.from_rows import DIMENSIONS, TIMED, Sums, added_up, asked_sums, narrow_sums
from tests.reporting.lives import CATEGORIES, COMPANY
from tests.reporting.recount import lives, recount
from tests.reporting.spoken import categories, spoken
from tests.reporting.test_thread import everything, forget, repeated_and_shuffled

FIRST, LAST = date(2025, 10, 1), date(2026, 6, 30)
NOW = datetime(2026, 6, 30, tzinfo=ZONE)
HALF = 0.5
PARTS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"org_unit_id": TEAM},
    {"org_unit_id": COMPANY},
    {"kind": "complaint"},
    {"category_id": CATEGORIES[0]},
    {"category_id": CATEGORIES[2]},
    {"org_unit_id": TEAM, "kind": "complaint"},
)


async def rows_of(desk: Desk) -> list[Any]:
    async with desk.database.transaction() as session:
        return list(await session.execute(select(contributions)))


async def kept(desk: Desk) -> Sums:
    columns = narrow_figures.c
    keys = ("form", "dimension", "measure", "day", *DIMENSIONS, "bucket")
    names = (*keys, "n", "total", "squares")
    async with desk.database.transaction() as session:
        found = await session.execute(select(*(columns[name] for name in names)))
        return {tuple(key): (int(n), int(total), int(sq)) for *key, n, total, sq in found}


def some_question(random: Random, days: list[date]) -> Question:
    """Return a question about a whole, a part or groups; something happened just outside of it."""
    before, after = sorted(random.choices(days, k=2))
    first = before + timedelta(days=random.randint(0, 3))
    period = Period(first, max(first, after - timedelta(days=random.randint(0, 3))))
    asked_at = datetime.combine(period.last, time(), ZONE)
    asked_at += timedelta(hours=random.randint(-40, 40))
    timed = [code for code, metric in METRICS.items() if metric.shape is Shape.DURATION]
    return Question(
        METRICS[random.choice(timed if random.random() < HALF else sorted(METRICS))],
        random.choice((period, period, Period(FIRST, LAST))),
        Part(**random.choice(PARTS)),
        random.choice((None, None, frozenset({TEAM}))),
        random.choice((asked_at, NOW)),
        ZONE,
        random.choice((None, *By)),
    )


async def found(
    desk: Desk, asked: Question, measures: Any, *, since: bool, histogram: bool
) -> Sums:
    """Return what is answered; by all dimensions durations have several buckets, or one."""
    async with desk.database.transaction() as session:
        groups = await cells(session, asked, measures, since=since, histogram=histogram)
    return added_up(
        (
            (group, str(measure), bucket if histogram or measure not in TIMED else 0),
            sums.n,
            sums.total,
            sums.squares,
        )
        for group, buckets in groups.items()
        for (measure, bucket), sums in buckets.items()
    )


@given(random=st.randoms(use_true_random=False))
@settings(
    max_examples=4,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_narrow_sums_wide_ones_and_the_rows_give_every_question_the_same_answer(
    desk: Desk, random: Random
) -> None:
    await forget(desk)
    heard = repeated_and_shuffled(random, [*spoken(lives(random, 8, 16)), *categories()])
    while heard:
        some = random.randint(1, len(heard))
        await desk.hear(heard[:some], at_once=30)
        await desk.fold()
        heard = heard[some:]
    rows = await rows_of(desk)
    assert await kept(desk) == narrow_sums(rows)
    days = sorted({row.day for row in rows})
    for _ in range(60):
        asked = some_question(random, days)
        metric = asked.metric
        timed = {metric.measure} if metric.shape is Shape.DURATION else set()
        for measures, since, histogram in (
            (set(metric.measures) - metric.standing, True, False),
            (metric.standing, False, False),
            (timed, True, True),
        ):
            how = {"since": since, "histogram": histogram}
            expected = asked_sums(rows, asked, measures, **how)
            assert await found(desk, asked, measures, **how) == expected, asked
            wide = replace(asked, narrow=False)
            assert await found(desk, wide, measures, **how) == expected, wide


async def all_answers(desk: Desk, **asked: Any) -> list[list[Answer]]:
    """Return what metrics of durations are by month and team, over most of the months."""
    period = Period(FIRST + timedelta(days=3), LAST - timedelta(days=9))
    found = []
    async with desk.database.transaction() as session:
        for code in ("first_response_time", "resolution_time", "closing_time"):
            for by in (By.MONTH, By.WEEK, By.ORG_UNIT, By.CHANNEL):
                one = Question(METRICS[code], period, Part(), None, NOW, ZONE, by, **asked)
                found.append([await answer(session, one), *await answers(session, one)])
    return found


async def test_histograms_of_narrow_sums_have_the_percentiles_of_the_wide_ones(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.hear(spoken(lives(Random(82), 40, 40)), at_once=100)
    await desk.fold()
    exact = await all_answers(desk)
    monkeypatch.setattr(answering, "EXACT_UP_TO", 5)
    coarse = await all_answers(desk)
    assert coarse == await all_answers(desk, narrow=False)
    for true, near in zip(exact, coarse, strict=True):
        for one, other in zip(true, near, strict=True):
            assert (one.figure.n, one.figure.value) == (other.figure.n, other.figure.value)
            if one.figure.n:
                assert one.figure.p90 is not None
                assert other.figure.p90 is not None
                assert other.figure.p90.value == pytest.approx(one.figure.p90.value, rel=0.0489)
    assert any(not one.figure.median.exact for near in coarse for one in near if one.figure.median)


async def test_months_that_reach_beyond_a_period_give_back_the_days_too_many(desk: Desk) -> None:
    await desk.hear(spoken(lives(Random(85), 40, 40)), at_once=100)
    await desk.fold()
    rows = [row for row in await rows_of(desk) if row.measure in {"resolution", "closed"}]
    how = {"since": True, "histogram": True}
    for code in ("resolution_time", "closing_time"):
        for first, last in ((2, 18), (5, 21), (8, 24), (8, 40), (11, 26), (14, 29), (3, 70)):
            period = Period(*(date(2025, 11, 1) + timedelta(days=n - 1) for n in (first, last)))
            asked = Question(METRICS[code], period, Part(), None, NOW, ZONE, By.ORG_UNIT)
            measures = {asked.metric.measure}
            expected = asked_sums(rows, asked, measures, **how)
            assert await found(desk, asked, measures, **how) == expected, period
    assert {date(2025, 11, day) for day in (2, 3, 4, 7, 10)} < {row.day for row in rows}


async def test_a_question_of_one_dimension_reads_no_wide_sum(desk: Desk) -> None:
    await desk.hear(spoken(lives(Random(83), 20, 20)), at_once=100)
    await desk.fold()
    before = await desk.figures(desk.manager, "complaint_count", by="channel")
    async with desk.database.transaction() as session:
        await session.execute(text("TRUNCATE facts.figures"))
    after = await desk.figures(desk.manager, "complaint_count", by="channel")
    assert after["groups"] == before["groups"]
    two = await desk.figures(desk.manager, "complaint_count", by="channel", priority="p1")
    assert (two["figure"]["n"] > 0, two["groups"]) == (True, [])


async def narrow(desk: Desk) -> bool:
    async with desk.database.transaction() as session:
        return (await freshness(session, now=utcnow())).narrow


@pytest.mark.parametrize(
    "left_behind",
    [
        "UPDATE facts.fold_position SET summed = NULL",  # by the migration
        "UPDATE facts.fold_position SET position = position + 1",  # by a batch of an older release
    ],
)
async def test_sums_that_an_older_release_left_behind_are_not_read_until_a_rebuild(
    desk: Desk, left_behind: str
) -> None:
    told = lives(Random(84), 24, 24)
    await desk.hear(spoken(told[:12]), at_once=100)
    await desk.fold()
    assert await narrow(desk)
    async with desk.database.transaction() as session:
        await session.execute(text("TRUNCATE facts.narrow_figures"))
        await session.execute(text(left_behind))
    await desk.hear(spoken(told[12:]), at_once=100)
    await desk.fold()
    assert not await narrow(desk)
    await must_be_right(desk, told)
    await rebuild(desk.database, ZONE)
    assert await narrow(desk)
    assert await kept(desk) == narrow_sums(await rows_of(desk))
    await must_be_right(desk, told)


async def must_be_right(desk: Desk, told: list[Any]) -> None:
    for code, (value, n) in recount(told, everything).items():
        found = (await desk.figures(desk.manager, code))["figure"]
        assert (found["n"], found["value"]) == (n, pytest.approx(value)), code
