"""What came of a closing that never was is undone; the closing that comes instead is surveyed."""

from dataclasses import replace
from uuid import UUID

import orjson
from sqlalchemy import text

from shared.bus.interface import Exchange, Message
from shared.clock import utcnow
from shared.contracts.restores import EventsVoided
from shared.ids import new_id
from shared.outbox.tables import OUTBOX_PARTITIONS
from shared.partitions import WEEK, ensure_partitions, week_of
from tests.surveys.conftest import Heard, Surveys, closed

LAST = UUID(int=(1 << 128) - 1)
EPOCH = 2


def in_new_epoch(heard: Heard) -> Heard:
    body = orjson.loads(heard.message.body) | {"epoch": EPOCH}
    return Heard(replace(heard.message, body=orjson.dumps(body)))


def taken_back(first: UUID, *kept: UUID) -> Heard:
    """Say that of what tickets said since an id only some events hold."""
    said = EventsVoided(service="tickets", before_epoch=EPOCH, first=first, last=LAST, kept=kept)
    id = new_id()
    body = {
        "id": id,
        "source": "careloop/tickets",
        "type": said.TYPE,
        "subject": new_id(),
        "time": "2026-11-27T20:00:00Z",
        "dataschema": said.key(),
        "sequence": 1,
        "epoch": EPOCH,
        "origin": "live",
        "correlationid": "restored",
        "data": said.model_dump(mode="json"),
    }
    sender = "tickets"
    return Heard(Message(id, said.key(), sender, Exchange.EVENTS, said.key(), orjson.dumps(body)))


async def test_a_forgotten_closing_leaves_nothing_and_the_next_one_is_surveyed(
    surveys: Surveys,
) -> None:
    first, kept, forgotten = new_id(), closed(new_id()), closed()
    await surveys.hear(kept, forgotten)
    await surveys.send()
    said = await surveys.said("survey.invited")
    of_forgotten = [one.id for one in said if one.causation_id == forgotten.message.id]

    late = closed(cycle_no=2)
    await surveys.hear(late, taken_back(first, kept.message.id))
    await surveys.hear(closed(cycle_no=3))

    (row,) = [one for one in await surveys.rows() if one.cycle_no == 1]
    assert len(await surveys.rows()) == 1
    statements = await surveys.said("events.voided")
    assert [UUID(one.data["first"]) for one in statements] == of_forgotten
    assert [one.data["last"] for one in statements] == [one.data["first"] for one in statements]

    await surveys.hear(in_new_epoch(closed()))
    again = [one for one in await surveys.rows() if one.id != row.id]
    assert [(one.cycle_no, one.state) for one in again] == [(1, "scheduled")]


async def test_undoing_looks_at_no_week_before_that_of_the_closing(surveys: Surveys) -> None:
    first, forgotten = new_id(), closed()
    await surveys.hear(forgotten)
    before = utcnow() - WEEK
    async with surveys.database.transaction() as session:
        await ensure_partitions(session, [OUTBOX_PARTITIONS], now=before)
    async with surveys.database.transaction() as holder:
        older = f"outbox_{week_of(before):%Y%m%d}"
        await holder.execute(text(f"LOCK TABLE {older} IN ACCESS EXCLUSIVE MODE"))
        await surveys.hear(taken_back(first))
    assert await surveys.rows() == []


async def test_the_new_closing_may_be_heard_of_before_the_old_one_is_taken_back(
    surveys: Surveys,
) -> None:
    first, forgotten = new_id(), closed()
    await surveys.hear(forgotten)
    (old,) = await surveys.rows()
    statement = taken_back(first)

    await surveys.hear(in_new_epoch(closed()))
    (new,) = await surveys.rows()
    assert new.id != old.id
    await surveys.hear(statement)
    assert [one.id for one in await surveys.rows()] == [new.id]
