"""From the bus through log and folder to the figure: once, whatever is repeated or torn apart."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, func, select, text

from services.reporting.facts.fold import fold_next
from services.reporting.facts.rules import LoggedEvent
from services.reporting.facts.tables import FACT_TABLES, contributions, figures
from services.reporting.figures.answer import answer
from services.reporting.figures.period_rules import Period
from services.reporting.figures.question_rules import Part, Question
from services.reporting.figures.registry import METRICS
from services.reporting.log.tables import event_log
from shared.bus.interface import Message
from shared.dead_letters.tables import dead_letters
from shared.work import working
from tests.reporting.conftest import TEAM, ZONE, Desk
from tests.reporting.lives import Life
from tests.reporting.recount import Wanted, lives, recount
from tests.reporting.spoken import categories, message, spoken
from tests.support.patience import until
from tests.support.people import VAULT
from tests.support.sample_service import ShelfBus

PLUS_8 = timezone(timedelta(hours=8))
WHOLE = Period(date(2025, 10, 1), date(2026, 6, 30))
LONG_AFTER = datetime(2026, 6, 30, tzinfo=PLUS_8)


def everything(_at: object, _team: UUID | None) -> bool:
    return True


def repeated_and_shuffled(random: Random, messages: Sequence[Message]) -> list[Message]:
    shuffled = [*messages, *random.sample(messages, len(messages) // 3)]
    random.shuffle(shuffled)
    return shuffled


async def asked(desk: Desk, code: str, period: Period, as_of: datetime) -> tuple[Any, int]:
    question = Question(METRICS[code], period, Part(), None, as_of, ZONE)
    async with desk.database.transaction() as session:
        found = (await answer(session, question)).figure
    return found.value, found.n


async def must_equal(
    desk: Desk, told: list[Life], wanted: Wanted, period: Period, as_of: datetime
) -> None:
    for code, (value, n) in recount(told, wanted, by=as_of).items():
        expected = (None if value is None else pytest.approx(value), n)
        assert await asked(desk, code, period, as_of) == expected, code


async def forget(desk: Desk) -> None:
    """Empty the log, the categories and the facts; the units stay."""
    tables = ", ".join(f"facts.{table.name}" for table in FACT_TABLES)
    async with desk.database.transaction() as session:
        await session.execute(text(f"TRUNCATE events.event_log, category_copy, {tables}"))


async def stored(desk: Desk, *tables: Table) -> list[list[Any]]:
    """Return the content of tables in one order."""
    async with desk.database.transaction() as session:
        return [
            sorted((tuple(row) for row in await session.execute(select(table))), key=str)
            for table in tables
        ]


async def test_what_was_said_becomes_the_figures_that_a_manager_asks_for(desk: Desk) -> None:
    told = lives(Random(4), 20, 20)
    said = spoken(told)
    await asyncio.gather(desk.hear(said), desk.hear(said))
    await asyncio.gather(desk.fold(), desk.fold())
    for code, (value, n) in recount(told, everything).items():
        found = (await desk.figures(desk.manager, code))["figure"]
        assert found["n"] == n, code
        assert found["value"] == pytest.approx(value), code
    agent = await desk.people.staff("agent")  # type: ignore[arg-type]
    refused = await agent.get("/api/v1/figures?metric=csat_score")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


@given(random=st.randoms(use_true_random=False))
@settings(
    max_examples=8,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_order_with_repetitions_gives_the_recounted_figures(
    desk: Desk, random: Random
) -> None:
    await forget(desk)
    told = lives(random, 2, 8)
    heard = repeated_and_shuffled(random, [*spoken(told), *categories()])
    while heard:
        some = random.randint(1, len(heard))
        await desk.hear(heard[:some], at_once=random.randint(1, 30))
        await desk.fold()
        heard = heard[some:]
    await must_equal(desk, told, everything, WHOLE, LONG_AFTER)
    first = datetime(2025, 11, random.randint(1, 25), tzinfo=PLUS_8)
    days = random.randint(1, 20)
    now = first + timedelta(seconds=random.randint(0, days * 86_400 - 1))

    def in_period(at: datetime, _team: UUID | None) -> bool:
        return first <= at < first + timedelta(days=days)

    period = Period(first.date(), (first + timedelta(days=days - 1)).date())
    await must_equal(desk, told, in_period, period, now)


async def test_every_sum_is_the_sum_of_its_rows(desk: Desk) -> None:
    random = Random(7)
    said = repeated_and_shuffled(random, spoken(lives(random, 15, 15)))
    for first in range(0, len(said), 40):
        await desk.hear(said[first : first + 40])
        await desk.fold()
    keys = [c for c in figures.c if c.name not in {"n", "total", "squares"}]
    rows = [contributions.c[key.name] for key in keys]
    value = contributions.c.value
    async with desk.database.transaction() as session:
        kept = await session.execute(select(*keys, figures.c.n, figures.c.total, figures.c.squares))
        summed = await session.execute(
            select(*rows, func.count(), func.sum(value), func.sum(value * value)).group_by(*rows)
        )
        assert sorted(map(tuple, kept), key=str) == sorted(map(tuple, summed), key=str)


@pytest.mark.feature("R-19")
async def test_two_folders_at_once_count_once_and_strangers_are_refused(desk: Desk) -> None:
    told = lives(Random(11), 30, 30)
    said = spoken(told)
    await desk.hear(said, at_once=100)
    forged = replace(said[0], id=message(told[0].events[0]).id)
    await desk.hear([forged])  # the envelope says another id than the transport
    async with desk.database.transaction() as first, desk.database.transaction() as second:
        await first.execute(text("SELECT pg_advisory_xact_lock(4202)"))
        assert await fold_next(desk.database, ZONE) == 0
        assert await second.scalar(select(func.count()).select_from(contributions)) == 0
    counts = await asyncio.gather(*(fold_next(desk.database, ZONE) for _ in range(6)))
    assert sum(counts) + await desk.fold() == len(said)
    await must_equal(desk, told, everything, WHOLE, LONG_AFTER)
    async with desk.database.transaction() as session:
        assert list(await session.scalars(select(dead_letters.c.reason))) == ["poison"]


async def test_a_crash_between_log_and_facts_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = lives(Random(5), 10, 10)
    await desk.hear(spoken(told))

    async def power_cut(*_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr("services.reporting.facts.fold.add_to_figures", power_cut)
        with pytest.raises(OSError, match="power cut"):
            await desk.fold()
    assert await stored(desk, contributions, figures) == [[], []]
    await desk.fold()
    await must_equal(desk, told, everything, WHOLE, LONG_AFTER)


async def test_types_and_versions_of_tomorrow_are_kept_and_not_counted(desk: Desk) -> None:
    told = lives(Random(3), 3, 3)
    created = told[0].events[0]
    praise = LoggedEvent(
        "praise.received", 1, 1, created.time, "live", {"subject": str(UUID(int=9)), "words": 3}
    )
    await desk.hear([message(praise), message(created, version=2)])
    assert await desk.fold() == 2
    assert await stored(desk, contributions) == [[]]
    async with desk.database.transaction() as session:
        kept = await session.execute(
            select(event_log.c.type, event_log.c.version).where(
                event_log.c.type.not_in(["org_unit.changed", "category.changed"])
            )
        )
        assert set(map(tuple, kept)) == {("praise.received", 1), ("ticket.created", 2)}
        assert await session.scalar(select(func.count()).select_from(dead_letters)) == 0


async def test_an_append_wakes_the_folder_of_its_process(desk: Desk) -> None:
    told = lives(Random(9), 5, 5)
    async with working(desk.service, desk.database, ShelfBus(), VAULT):
        await asyncio.sleep(0)  # the folder finds nothing and rests
        await desk.hear(spoken(told))
        began = asyncio.get_running_loop().time()

        async def counted() -> bool:
            return await stored(desk, contributions) != [[]]

        await until(counted)
        assert asyncio.get_running_loop().time() - began < 0.9  # its poll comes after a second


async def test_a_unit_of_the_organisation_is_known_as_the_log_tells_it(desk: Desk) -> None:
    answer = await desk.figures(desk.manager, "complaint_count", org_unit_id=str(TEAM))
    assert answer["figure"]["n"] == 0
