"""A process goes by the clock of its database: its machine's may be wrong."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

import shared.clock
import shared.ids
from shared.auth.tokens import REGISTRY
from shared.clock import set_clock, utcnow
from shared.database import Database
from shared.ids import instant_of, new_id
from shared.timekeeping import keep_time
from shared.work import relaying, working
from tests.support.databases import Databases
from tests.support.people import VAULT
from tests.support.sample_service import ShelfBus, sample_service

MINUTE = timedelta(minutes=1)

SetMachine = Callable[[int], None]


@pytest.fixture
def set_machine(monkeypatch: pytest.MonkeyPatch) -> SetMachine:
    """Return what lets the clock of this machine be wrong by so many minutes."""
    right_time, right_id = time.time, uuid7
    monkeypatch.setattr(shared.clock, "_correction", timedelta())  # and back at the end

    def wrong(minutes: int) -> None:
        ahead = (minutes * MINUTE // timedelta(milliseconds=1)) << 80
        monkeypatch.setattr(time, "time", lambda: right_time() + 60 * minutes)
        monkeypatch.setattr(shared.ids, "uuid7", lambda: UUID(int=right_id().int + ahead))

    return wrong


async def ahead_of(database: Database, instant: datetime) -> float:
    """Return how far an instant is ahead of the database's present one, in minutes."""
    async with database.transaction() as session:
        there: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return (instant - there) / MINUTE


@pytest.mark.parametrize("minutes", [10, -10])
async def test_a_process_on_a_machine_with_a_wrong_clock_goes_by_its_database(
    databases: Databases, set_machine: SetMachine, minutes: int
) -> None:
    database = await databases.open(sample_service())
    set_machine(minutes)
    assert await ahead_of(database, utcnow()) == pytest.approx(minutes, abs=0.2)
    await keep_time(database)
    assert await ahead_of(database, utcnow()) == pytest.approx(0, abs=0.2)
    assert await ahead_of(database, instant_of(new_id())) == pytest.approx(0, abs=0.2)
    tokens_judged_at = datetime.fromtimestamp(REGISTRY.now, utcnow().tzinfo)
    assert await ahead_of(database, tokens_judged_at) == pytest.approx(0, abs=0.2)
    set_machine(0)
    await keep_time(database)
    assert await ahead_of(database, utcnow()) == pytest.approx(0, abs=0.2)


async def test_who_relays_or_works_has_the_right_time_from_the_first_moment(
    databases: Databases, set_machine: SetMachine
) -> None:
    service = sample_service()
    database = await databases.open(service)
    set_machine(10)
    async with relaying(service, database, ShelfBus()):
        assert await ahead_of(database, utcnow()) == pytest.approx(0, abs=0.2)
    set_machine(-10)
    async with working(service, database, ShelfBus(), VAULT):
        assert await ahead_of(database, utcnow()) == pytest.approx(0, abs=0.2)


async def test_who_starts_while_the_database_is_away_starts() -> None:
    service, nowhere = sample_service(), Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    async with (
        relaying(service, nowhere, ShelfBus()),
        working(service, nowhere, ShelfBus(), VAULT),
    ):
        assert abs(utcnow() - datetime.now(UTC)) < MINUTE


@pytest.mark.usefixtures("set_machine")
def test_what_may_be_the_way_to_the_database_is_no_difference() -> None:
    way = timedelta(seconds=4)
    assert set_clock(utcnow() - timedelta(seconds=4.5), doubt=way) == timedelta()
    assert set_clock(utcnow() - timedelta(seconds=6), doubt=way) > timedelta(seconds=5.5)
