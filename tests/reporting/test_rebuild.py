"""Facts made anew from the log are the same facts, and nobody notices the change."""

import asyncio
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.reporting.facts.tables import FACT_TABLES, fold_position
from services.reporting.rebuild import rebuild as rebuilding
from services.reporting.rebuild.rebuild import rebuild, rebuild_if_asked
from shared.auth.actor import Role
from shared.clock import utcnow
from shared.work import working
from tests.reporting.conftest import ZONE, Desk
from tests.reporting.recount import lives, recount
from tests.reporting.spoken import spoken
from tests.support.patience import until
from tests.support.people import VAULT
from tests.support.sample_service import ShelfBus

FACTS: tuple[Table, ...] = tuple(table for table in FACT_TABLES if table is not fold_position)
REBUILD = "/api/v1/reporting/rebuild"


def everything(_at: object, _team: object) -> bool:
    return True


async def facts(desk: Desk) -> list[list[Any]]:
    async with desk.database.transaction() as session:
        return [
            sorted((tuple(row) for row in await session.execute(select(table))), key=str)
            for table in FACTS
        ]


async def position(desk: Desk) -> int:
    async with desk.database.transaction() as session:
        return await session.scalar(select(fold_position.c.position)) or 0


async def schemas(desk: Desk) -> set[str]:
    async with desk.database.transaction() as session:
        return set(await session.scalars(text("SELECT nspname FROM pg_namespace"))) & {
            "facts",
            "facts_next",
            "facts_old",
        }


async def test_rebuilt_facts_equal_those_that_grew_event_by_event(desk: Desk) -> None:
    said = spoken(lives(Random(21), 25, 25))
    Random(1).shuffle(said)
    for first in range(0, len(said), 30):
        await desk.hear(said[first : first + 30])
        await desk.fold()
    grown, known = await facts(desk), await position(desk)
    assert await rebuild(desk.database, ZONE) == known
    assert await facts(desk) == grown
    assert await schemas(desk) == {"facts"}


async def test_a_wrong_figure_is_right_again_after_a_rebuild(desk: Desk) -> None:
    told = lives(Random(22), 20, 20)
    await desk.hear(spoken(told), at_once=50)
    await desk.fold()
    right = await facts(desk)
    async with desk.database.transaction() as session:
        await session.execute(text("UPDATE facts.figures SET n = n + 1"))
    assert await facts(desk) != right
    await rebuild(desk.database, ZONE)
    assert await facts(desk) == right
    _, n = recount(told, everything)["csat_score"]
    assert (await desk.figures(desk.manager, "csat_score"))["figure"]["n"] == n


async def test_events_that_come_during_a_rebuild_count_and_readers_are_served(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = lives(Random(23), 60, 60)
    said = spoken(told)
    half = len(said) // 2
    await desk.hear(said[:half], at_once=100)
    await desk.fold()
    monkeypatch.setattr(rebuilding, "BATCH", 50)
    monkeypatch.setattr(rebuilding, "LITTLE", 0)
    rebuilt = asyncio.create_task(rebuild(desk.database, ZONE))

    async def flow() -> None:
        for first in range(half, len(said), 25):
            await desk.hear(said[first : first + 25], at_once=25)
            await desk.fold()

    async def read() -> None:
        while not rebuilt.done():
            found = await desk.figures(desk.manager, "complaint_count")
            assert found["figure"]["n"] > 0

    await asyncio.gather(flow(), read(), rebuilt)
    await desk.fold()
    grown = await facts(desk)
    for code, (value, n) in recount(told, everything).items():
        found = (await desk.figures(desk.manager, code))["figure"]
        assert (found["n"], found["value"]) == (n, pytest.approx(value)), code
    assert await rebuild(desk.database, ZONE) == await position(desk)
    assert await facts(desk) == grown


async def test_a_rebuild_that_dies_leaves_the_facts_and_the_next_one_works(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.hear(spoken(lives(Random(24), 8, 8)), at_once=50)
    await desk.fold()
    before = await facts(desk)

    async def power_cut(session: AsyncConnection) -> AsyncConnection:
        if await session.scalar(text("SELECT to_regclass('facts_next.figures') IS NOT NULL")):
            raise OSError("power cut")
        return await into_next(session)

    into_next = rebuilding._into_next
    with monkeypatch.context() as broken:
        broken.setattr(rebuilding, "_into_next", power_cut)
        with pytest.raises(OSError, match="power cut"):
            await rebuild(desk.database, ZONE)
    assert await facts(desk) == before
    assert await schemas(desk) == {"facts", "facts_next"}
    assert await rebuild(desk.database, ZONE) is not None
    assert await facts(desk) == before


async def test_only_one_rebuild_runs_at_a_time(desk: Desk) -> None:
    await desk.hear(spoken(lives(Random(25), 8, 8)), at_once=50)
    await desk.fold()
    done = await asyncio.gather(*(rebuild(desk.database, ZONE) for _ in range(3)))
    assert sorted(x is None for x in done) == [False, True, True]


async def test_operators_ask_for_a_rebuild_and_a_worker_does_it(desk: Desk) -> None:
    await desk.hear(spoken(lives(Random(26), 8, 8)), at_once=50)
    await desk.fold()
    first, again, other = await asyncio.gather(
        desk.operator.post(REBUILD, key="rebuild-1"),
        desk.operator.post(REBUILD, key="rebuild-1"),
        desk.operator.post(REBUILD),
    )
    assert {answer.status_code for answer in (first, again, other)} == {202}
    assert first.json()["id"] == again.json()["id"] == other.json()["id"]
    assert (await desk.manager.post(REBUILD)).json()["code"] == "not_allowed"
    asked = (await desk.operator.get(f"{REBUILD}/{first.json()['id']}")).json()
    assert (asked["state"], asked["position"]) == ("waiting", None)
    async with working(desk.service, desk.database, ShelfBus(), VAULT):

        async def done() -> bool:
            answer = await desk.operator.get(f"{REBUILD}/{first.json()['id']}")
            return bool(answer.json()["state"] == "done")

        await until(done)
    assert await rebuild_if_asked(desk.database, ZONE, utcnow()) == 0
    auditor = await desk.people.staff(Role.AUDITOR)
    trail = (await auditor.get("/api/v1/reporting/audit")).json()["data"]
    assert [line["action"] for line in trail] == ["facts.rebuild_asked"]
