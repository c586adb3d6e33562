"""The demo: the promised numbers, nothing in the future, loaded once however often it is begun."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from services.feedback.items.tables import items
from services.feedback.loops.tables import loop_cases
from services.surveys.invitations.tables import invitations
from services.surveys.responses.tables import responses
from services.tickets.customers.tables import customers
from services.tickets.tickets.tables import ticket_moves, tickets
from shared.clock import utcnow
from standalone.compose import System
from standalone.demo.load import load_demo
from standalone.demo.plan import Life, lives
from standalone.demo.recovery_plan import recovery_of
from tests.standalone.composed import asking, seen, system_of_its_own
from tests.support.databases import Databases
from tests.support.patience import until

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FEW = 90


def steps(life: Life) -> list[datetime]:
    """Return the instants of a life, added up by hand."""
    at = [life.created_at, life.created_at + timedelta(minutes=2)]
    instant = life.created_at
    for delay in (
        life.first_reply_after,
        life.resolved_after,
        life.closed_after,
        life.reopened_after,
    ):
        if delay is not None:
            instant += delay
            at.append(instant)
    return at


def moved(life: Life, by: timedelta) -> dict[str, Any]:
    return asdict(life) | {"created_at": life.created_at + by}


def answered(plan: list[Life]) -> int:
    """Return how many answer: a reopened ticket's customer waits for the second closing."""
    return sum(1 for life in plan if life.answer and life.closed_after and not life.reopened_after)


def test_the_demo_is_as_big_as_it_says() -> None:
    plan = lives(NOW)
    assert len(plan) == 1_500
    assert {life.team for life in plan} == set(range(6))
    assert {life.agent for life in plan} == set(range(3))
    assert all(0 <= life.customer < 400 for life in plan)
    assert 450 <= answered(plan) <= 550
    assert 35 <= low(plan) <= 50
    assert plan == sorted(plan, key=lambda life: life.created_at)
    span = plan[-1].created_at - plan[0].created_at
    assert timedelta(weeks=11, days=6) < span <= timedelta(weeks=12)


def test_the_same_lives_are_drawn_on_another_day() -> None:
    later = timedelta(days=3, seconds=17)
    assert lives(NOW) == lives(NOW)
    assert [moved(life, later) for life in lives(NOW)] == [asdict(x) for x in lives(NOW + later)]


@pytest.mark.parametrize("now", [NOW, datetime(2027, 1, 1, tzinfo=UTC)])
def test_no_step_and_no_answer_lies_in_the_future(now: datetime) -> None:
    for life in lives(now):
        instants = steps(life)
        assert instants == sorted(instants)
        assert instants[-1] <= now
        if life.answer:
            assert life.closed_after is not None
            closed_at = steps(life)[4]
            assert closed_at + life.answer.after < now


def test_what_is_made_good_is_made_good_in_the_past_and_every_end_is_there() -> None:
    opened = [NOW - timedelta(days=days) for days in range(1, 61)]
    plan = [recovery_of(number, at, NOW) for number, at in enumerate(opened)]
    assert plan == [recovery_of(number, at, NOW) for number, at in enumerate(opened)]
    for at, one in zip(opened, plan, strict=True):
        steps_done = [one.contacted_after, one.resolved_after, one.closed_after, one.answer]
        spent = [step for step in steps_done[:3] if isinstance(step, timedelta)]
        assert at + sum(spent, timedelta()) < NOW
        done = [step is not None for step in steps_done]
        assert done == sorted(done, reverse=True)
    assert any(one.contacted_after is None for one in plan)
    assert any(one.contacted_after and not one.resolved_after for one in plan)
    assert any(one.closed_after and not one.answer for one in plan)
    assert {one.answer.satisfaction >= 4 for one in plan if one.answer} == {True, False}


@pytest.fixture
async def system(databases: Databases, tmp_path: Path) -> AsyncIterator[System]:
    async with system_of_its_own(databases, tmp_path) as composed:
        yield composed


async def count(system: System, service: str, table: Any, *where: Any) -> int:
    async with system.databases[service].transaction() as session:
        statement = select(func.count()).select_from(table).where(*where)
        return int(await session.scalar(statement) or 0)


def twelve_weeks() -> dict[str, str]:
    today = utcnow().date()
    return {"from": str(today - timedelta(weeks=13)), "to": str(today + timedelta(days=1))}


async def stored(system: System) -> dict[str, int]:
    return {
        "units": await count(system, "tickets", text("org_units")),
        "staff": await count(system, "tickets", text("staff")),
        "customers": await count(system, "tickets", customers),
        "tickets": await count(system, "tickets", tickets, *ORDINARY),
        "moves": await count(system, "tickets", ticket_moves),
        "invitations": await count(system, "surveys", invitations, invitations.c.kind != RECOVERY),
        "responses": await count(system, "surveys", responses, responses.c.questionnaire != CHECK),
        "recoveries": await count(system, "tickets", tickets, tickets.c.kind == RECOVERY),
        "recovered": await count(system, "tickets", tickets, *MADE_GOOD),
        "checked": await count(system, "surveys", responses, responses.c.questionnaire == CHECK),
        "cases": await count(system, "feedback", loop_cases),
        "written": await count(system, "feedback", items, items.c.text_masked.is_not(None)),
        "replied": await count(system, "feedback", items, items.c.replied_at.is_not(None)),
    }


RECOVERY, CHECK = "recovery", "recovery_check_v1"
ORDINARY = (tickets.c.origin == "demo", tickets.c.kind != RECOVERY)
MADE_GOOD = (tickets.c.kind == RECOVERY, tickets.c.state == "closed")


def written(plan: list[Life]) -> int:
    """Return how many of those who answer write something."""
    given = [life.answer for life in plan if life.closed_after and not life.reopened_after]
    return sum(1 for one in given if one and one.comment)


def low(plan: list[Life]) -> int:
    """Return how many of those who answer were let down."""
    given = [life.answer for life in plan if life.closed_after and not life.reopened_after]
    return sum(1 for one in given if one and (one.satisfaction <= 2 or not one.solved))


async def test_a_loaded_demo_has_balanced_books_and_a_second_load_adds_nothing(
    system: System,
) -> None:
    token = await load_demo(system, count=FEW)
    plan = lives(utcnow(), count=FEW)
    closed = sum(1 for life in plan if life.closed_after)
    first = await stored(system)
    assert first["units"] == 1 + 3 + 6
    assert (first["staff"], first["customers"], first["tickets"]) == (20, 400, FEW)
    assert (first["invitations"], first["responses"]) == (closed, answered(plan))
    assert first["recoveries"] == first["cases"] == low(plan)
    assert first["written"] == written(plan)
    assert first["replied"] > 0
    closed += first["recovered"]
    given = answered(plan) + first["checked"]
    async with asking(system) as client:

        async def told() -> bool:
            books = await seen(client, "/books", **twelve_weeks())
            return bool(books["closed"] == closed and books["completed"] == given)

        await until(told)
        books = await seen(client, "/books", **twelve_weeks())
        assert books["differences"] == []
        assert books["closed"] == books["invited"] + books["suppressed"]
        page = await client.get(f"/s/{token}")
        assert page.status_code == 200
    assert await load_demo(system, count=FEW) == token
    assert await stored(system) == first


async def test_a_load_that_was_broken_off_goes_on_where_it_was(system: System) -> None:
    async def broken_off_when(table: Any, service: str, at_least: int) -> None:
        task = asyncio.create_task(load_demo(system, count=FEW))

        async def begun() -> bool:
            return task.done() or await count(system, service, table) >= at_least

        await until(begun)
        assert not task.done()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    await broken_off_when(tickets, "tickets", 10)
    assert 0 < await count(system, "tickets", tickets) < FEW
    await broken_off_when(responses, "surveys", 1)
    plan = lives(utcnow(), count=FEW)
    assert 0 < await count(system, "surveys", responses) < answered(plan)
    await load_demo(system, count=FEW)
    there = await stored(system)
    assert (there["tickets"], there["customers"], there["staff"]) == (FEW, 400, 20)
    assert there["responses"] == answered(plan)
