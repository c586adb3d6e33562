"""What its sender takes back is as if it had never been said: in the facts, and in a rebuild."""

from random import Random
from uuid import UUID

import orjson

from services.reporting.rebuild.rebuild import rebuild
from shared.bus.interface import Exchange, Message
from shared.contracts.restores import EventsVoided
from shared.ids import new_id
from tests.reporting.conftest import ZONE, Desk
from tests.reporting.recount import lives
from tests.reporting.spoken import spoken
from tests.reporting.test_rebuild import facts

LAST = UUID(int=(1 << 128) - 1)
EPOCH = 2


def statement(sender: str, first: UUID) -> Message:
    """Say that nothing holds that a service had said since an id, before its second epoch."""
    said = EventsVoided(service=sender, before_epoch=EPOCH, first=first, last=LAST, kept=())
    id = new_id()
    body = {
        "id": str(id),
        "source": f"careloop/{sender}",
        "type": said.TYPE,
        "subject": str(new_id()),
        "time": "2026-11-27T20:00:00Z",
        "dataschema": said.key(),
        "sequence": 1,
        "epoch": EPOCH,
        "origin": "live",
        "correlationid": "restored",
        "data": said.model_dump(mode="json"),
    }
    return Message(id, said.key(), sender, Exchange.EVENTS, said.key(), orjson.dumps(body))


async def test_what_was_taken_back_leaves_no_trace_whenever_it_is_heard(desk: Desk) -> None:
    told = lives(Random(31), 16, 16)
    kept = spoken(told[::2])
    await desk.hear(kept, at_once=50)
    await desk.fold()
    before = await facts(desk)
    first = new_id()
    gone = spoken(told[1::2])
    Random(2).shuffle(gone)
    late, early = gone[:20], gone[20:]
    await desk.hear(early, at_once=50)
    await desk.fold()
    assert await facts(desk) != before

    senders = sorted({one.sender for one in gone})
    assert "tickets" in senders
    assert "surveys" in senders
    statements = [statement(sender, first) for sender in senders]
    await desk.hear([*late[:10], *statements, *late[10:]], at_once=100)
    await desk.hear(late, at_once=5)
    await desk.fold()
    assert await facts(desk) == before
    await rebuild(desk.database, ZONE)
    assert await facts(desk) == before
