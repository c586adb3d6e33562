"""First contact resolution: what a customer's other tickets say, whenever they say it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.reporting.facts.fold import fold_next
from services.reporting.facts.rules import LoggedEvent
from services.reporting.facts.tables import FACT_TABLES, fold_position
from services.reporting.rebuild.rebuild import rebuild
from shared.bus.interface import Message
from tests.reporting.conftest import OTHER_TEAM, TEAM, ZONE, Desk
from tests.reporting.lives import CATEGORIES, COMPANY, CUSTOMERS, Life
from tests.reporting.recount import recount
from tests.reporting.spoken import categories, message, spoken
from tests.reporting.test_thread import (
    LONG_AFTER,
    WHOLE,
    asked,
    everything,
    forget,
    repeated_and_shuffled,
    stored,
)

MADE = tuple(table for table in FACT_TABLES if table is not fold_position)
ONE, TWO, _ = CUSTOMERS
TOP, OTHER_TOP, BELOW, _ = CATEGORIES
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAY = timedelta(days=1)


@given(random=st.randoms(use_true_random=False))
@settings(
    max_examples=8,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_a_customers_tickets_in_any_order_give_the_recounted_rate(
    desk: Desk, random: Random
) -> None:
    await forget(desk)
    count, customers = random.randint(6, 16), (ONE, ONE, TWO, UUID(int=33))
    told = [Life(random, number, customers=customers).live() for number in range(count)]
    heard = repeated_and_shuffled(random, [*spoken(told), *categories()])
    while heard:
        some = random.randint(1, min(len(heard), 25))
        await desk.hear(heard[:some], at_once=random.randint(1, 30))
        await asyncio.gather(*(fold_next(desk.database, ZONE) for _ in range(2)))
        await desk.fold()
        heard = heard[some:]
    value, n = recount(told, everything)["fcr"]
    expected = (None if value is None else pytest.approx(value), n)
    assert await asked(desk, "fcr", WHOLE, LONG_AFTER) == expected


async def test_a_rebuild_gives_the_same_first_contacts(desk: Desk) -> None:
    random = Random(81)
    told = [Life(random, number, customers=CUSTOMERS[:2]).live() for number in range(30)]
    said = repeated_and_shuffled(random, spoken(told))
    for first in range(0, len(said), 60):
        await desk.hear(said[first : first + 60], at_once=30)
        await desk.fold()
    grown = await stored(desk, *MADE)
    await rebuild(desk.database, ZONE)
    assert await stored(desk, *MADE) == grown
    value, n = recount(told, everything)["fcr"]
    assert await asked(desk, "fcr", WHOLE, LONG_AFTER) == (pytest.approx(value), n)
    assert value is not None
    assert 0 < value < 100


def told(number: int, verb: str, at: datetime, sequence: int, **data: Any) -> LoggedEvent:
    """Return an event of a ticket, with all that its contract asks for."""
    common = {
        "ticket_id": str(UUID(int=1_000 + number)),
        "cycle_no": 1,
        "kind": "consultation",
        "channel": "phone",
        "category_id": str(TOP),
        "org_unit_id": str(TEAM),
        "org_path": [str(COMPANY), str(TEAM)],
        "priority": "normal",
        "tier": "l1",
        "customer_id": str(ONE),
        "assignee_id": None,
        "from_tier": "l1",
        "reason": "recurred",
        f"{verb}_at": at.isoformat(),
        "first_response_due_at": at.isoformat(),
        "resolution_due_at": at.isoformat(),
    }
    return LoggedEvent(f"ticket.{verb}", 1, sequence, at, "live", common | data)


def created(number: int, at: datetime, **data: Any) -> LoggedEvent:
    return told(number, "created", at, 1, **data)


def resolved(number: int, at: datetime, *, messages: int | None = 1, **data: Any) -> LoggedEvent:
    about = {"resolution_reason": "solved", "customer_messages": messages}
    return told(number, "resolved", at, 9, **about, **data)


def solved_at_once(number: int) -> list[LoggedEvent]:
    return [created(number, NOON), resolved(number, NOON + DAY / 24)]


AFTER = NOON + DAY / 24
"""When the first ticket is resolved."""

LATER: dict[str, tuple[list[LoggedEvent], tuple[int, int]]] = {
    "nothing": ([], (1, 1)),
    "the_same_within_a_week": ([created(2, AFTER + 7 * DAY)], (1, 0)),
    "the_same_after_a_week": ([created(2, AFTER + 7 * DAY + timedelta(seconds=1))], (1, 1)),
    "before_the_resolution": ([created(2, AFTER - timedelta(minutes=1))], (1, 1)),
    "below_the_same_top": ([created(2, AFTER + DAY, category_id=str(BELOW))], (1, 0)),
    "about_something_else": ([created(2, AFTER + DAY, category_id=str(OTHER_TOP))], (1, 1)),
    "of_another_customer": ([created(2, AFTER + DAY, customer_id=str(TWO))], (1, 1)),
    "our_own_recovery": ([created(2, AFTER + DAY, kind="recovery")], (1, 1)),
    "another_team": (
        [told(1, "assigned", NOON, 2, org_unit_id=str(OTHER_TEAM))],
        (1, 0),
    ),
    "another_tier": ([told(1, "escalated", NOON, 2, tier="l2")], (1, 0)),
    "moved_only_afterwards": ([told(1, "escalated", NOON + DAY, 10, tier="l2")], (1, 1)),
    "reopened": (
        [told(1, "reopened", NOON + DAY, 10, cycle_no=2)],
        (1, 0),
    ),
}


async def heard(desk: Desk, *events: LoggedEvent) -> dict[str, Any]:
    messages: Sequence[Message] = [message(event) for event in events]
    await desk.hear(messages)
    await desk.fold()
    found: dict[str, Any] = (await desk.figures(desk.manager, "fcr"))["figure"]
    return found


@pytest.mark.parametrize("backwards", [False, True], ids=["in_order", "backwards"])
async def test_one_contact_was_enough_unless_the_customer_came_back(
    desk: Desk, *, backwards: bool
) -> None:
    for case, (later, counted) in LATER.items():
        await forget(desk)
        await desk.hear(categories())
        first = solved_at_once(1)
        for events in (later, first) if backwards else (first, later):
            found = await heard(desk, *events)
        assert (found["n"], found["hits"]) == counted, case


async def test_who_wrote_twice_was_not_helped_at_once_and_the_unknown_is_left_out(
    desk: Desk,
) -> None:
    for messages, counted in ((2, (1, 0)), (1, (1, 1)), (0, (1, 1)), (None, (0, 0))):
        await forget(desk)
        await desk.hear(categories())
        found = await heard(desk, created(1, NOON), resolved(1, NOON + DAY, messages=messages))
        assert (found["n"], found["hits"]) == counted, messages
    await forget(desk)
    nobody = {"customer_id": None}
    found = await heard(desk, created(1, NOON, **nobody), resolved(1, NOON + DAY, **nobody))
    assert found["n"] == 0


@pytest.mark.feature("R-07")
@pytest.mark.feature("T-32")
async def test_a_later_contact_takes_the_success_back_and_its_correction_gives_it_again(
    desk: Desk,
) -> None:
    assert (await heard(desk, *solved_at_once(1)))["value"] == 100
    again = [message(created(2, AFTER + 2 * DAY))]
    await asyncio.gather(desk.hear(again), desk.hear(again))
    await asyncio.gather(desk.fold(), desk.fold())
    found = (await desk.figures(desk.manager, "fcr"))["figure"]
    assert (found["value"], found["n"], found["hits"]) == (0, 1, 0)
    about = told(2, "recategorized", AFTER + 3 * DAY, 2, category_id=str(OTHER_TOP))
    assert (await heard(desk, about))["value"] == 100
    not_his = told(2, "assigned", AFTER + 4 * DAY, 3)
    assert (await heard(desk, not_his))["value"] == 0
    other = {"customer_id": str(TWO)}
    assert (await heard(desk, told(2, "assigned", AFTER + 5 * DAY, 4, **other)))["value"] == 100
    assert (await desk.figures(desk.manager, "fcr"))["target"]["value"] == 80
    customer = desk.people.customer()
    assert (await customer.get("/api/v1/figures?metric=fcr")).status_code == 403


async def test_categories_that_get_another_top_change_what_is_the_same(desk: Desk) -> None:
    found = await heard(desk, *solved_at_once(1), created(2, AFTER + DAY, category_id=str(BELOW)))
    assert found["hits"] == 0
    apart = LoggedEvent("category.changed", 1, 2, NOON, "live", renamed(BELOW, (BELOW,)))
    assert (await heard(desk, apart))["hits"] == 1
    back = LoggedEvent("category.changed", 1, 3, NOON, "live", renamed(BELOW, (TOP, BELOW)))
    assert (await heard(desk, back))["hits"] == 0
    grown = await stored(desk, *MADE)
    await rebuild(desk.database, ZONE)
    assert await stored(desk, *MADE) == grown


def renamed(category: UUID | None, path: tuple[UUID | None, ...]) -> dict[str, Any]:
    names = {"code": "below", "name_zh": "下级", "name_en": "Below", "active": True}
    return names | {"category_id": str(category), "path": [str(one) for one in path]}


async def test_the_rate_is_provisional_until_the_week_has_passed(desk: Desk) -> None:
    for days, state in ((0, "provisional"), (7, "provisional"), (8, "final")):
        last = (datetime.now(ZONE) - timedelta(days=days)).date().isoformat()
        asked_days = {"from": "2026-01-01", "to": last}
        answer = await desk.manager.client.get(
            "/api/v1/figures", params={"metric": "fcr"} | asked_days
        )
        assert answer.json()["figure"]["state"] == state, days
