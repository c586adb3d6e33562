"""What waits and what was delivered can be seen from outside."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, update

from shared.backlog import backlog_sweep
from shared.books.rules import Ledger, Staying
from shared.clock import utcnow
from shared.database import Database, Session
from shared.ids import new_id
from shared.outbox import backlog
from shared.outbox.backlog import outbox_backlog
from shared.outbox.emit import emit
from shared.outbox.relay import relay_once
from shared.outbox.tables import outbox
from shared.restores.statements import make_due_again
from tests.support.databases import Databases
from tests.support.sample_service import NOON, Counted, ShelfBus, sample_service, saying

SERVICE = "measured"


def seen(name: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"service": SERVICE})


async def has_waited(database: Database, how_long: timedelta) -> None:
    async with database.transaction() as session:
        await session.execute(update(outbox).values(waits_from=func.now() - how_long))


async def test_an_outbox_that_fills_and_drains_shows_in_the_gauges(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MOST_COUNTED", 2)
    database = await databases.open(sample_service())
    sweep = backlog_sweep(replace(sample_service(), name=SERVICE))
    async with database.transaction() as session:
        await emit(session, *[saying(Counted(tally_id=new_id(), amount=1))] * 3)

    await sweep.run(database, NOON)

    assert seen("careloop_outbox_unpublished") == 2
    assert 0 <= (seen("careloop_outbox_oldest_age_seconds") or 0) < 30
    assert seen("careloop_relayed_messages_total") in {None, 0}

    await has_waited(database, timedelta(seconds=90))
    await sweep.run(database, NOON)
    assert 90 <= (seen("careloop_outbox_oldest_age_seconds") or 0) < 120

    await relay_once(database, ShelfBus(), service=SERVICE)
    await sweep.run(database, NOON)

    assert seen("careloop_outbox_unpublished") == 0
    assert seen("careloop_outbox_oldest_age_seconds") == 0
    assert seen("careloop_relayed_messages_total") == 3


async def test_what_is_said_again_after_a_restore_waits_anew(databases: Databases) -> None:
    database = await databases.open(sample_service())
    async with database.transaction() as session:
        await emit(session, saying(Counted(tally_id=new_id(), amount=1)))
    await relay_once(database, ShelfBus(), service=SERVICE)
    await has_waited(database, timedelta(days=13))
    assert await make_due_again(database, utcnow() - timedelta(days=1)) == 1
    async with database.transaction() as session:
        count, age = await outbox_backlog(session)
    assert count == 1
    assert age < timedelta(seconds=30)


async def tell_nobody(session: Session, staying: Staying, now: datetime) -> None:
    """No difference stays here."""


async def test_books_that_were_never_compared_are_as_old_as_their_process(
    databases: Databases,
) -> None:
    database = await databases.open(sample_service())
    ledger = Ledger((), ZoneInfo("Asia/Shanghai"), tell_nobody)
    before = utcnow().timestamp()
    sweep = backlog_sweep(replace(sample_service(), name=SERVICE, ledger=ledger))
    began = utcnow().timestamp()
    await sweep.run(database, NOON)
    assert before <= (seen("careloop_books_compared_timestamp_seconds") or 0) <= began
