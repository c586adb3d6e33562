"""Where a customer's words lie besides his tables: waiting letters and dead letters."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from shared.contracts.privacy import ErasureRequested
from shared.correlation import Cause
from shared.database import Database, Session
from shared.dead_letters.keep import DeadLetterState
from shared.dead_letters.settle import ask_for_replay
from shared.dead_letters.tables import dead_letters
from shared.errors import ConflictError
from shared.ids import new_id
from shared.inbox.handlers import Handler
from shared.inbox.receive import receive_into
from shared.outbox.emit import send
from shared.outbox.tables import outbox
from shared.privacy.forgetting import Erased, Forgetting, nothing_to_find, privacy_handlers
from shared.privacy.traces import Traces
from tests.support.databases import Databases
from tests.support.sample_service import (
    EVENTS,
    LETTERS,
    NOON,
    Whispered,
    deliver,
    message_of,
    sample_inbox,
    sample_service,
    sample_vault,
    saying,
)

PHONE = "+8613877665544"


@dataclass
class Place:
    """The sample service, which knows of a customer a phone number and a ticket."""

    database: Database
    customer_id: UUID
    ticket_id: UUID

    @property
    def privacy(self) -> tuple[Handler, ...]:
        """Return what it hears about privacy."""

        async def erase(
            _session: Session, customer_id: UUID, *, first: bool, now: datetime, cause: Cause
        ) -> Erased:
            _ = first, now, cause
            traces = Traces(customer_id, frozenset({self.ticket_id}), frozenset({PHONE}))
            return Erased(0, traces)

        forgetting = Forgetting("sample", sample_vault(), erase, nothing_to_find)
        return privacy_handlers(forgetting, lambda: NOON)

    async def forget(self) -> None:
        """Hear that the customer shall be erased."""
        asked = ErasureRequested(
            request_id=new_id(), customer_id=self.customer_id, requested_at=NOON
        )
        sender = {"source": "careloop/integrations"}
        message = message_of(asked.model_dump(mode="json"), key=asked.key(), envelope=sender)
        box = sample_inbox(self.database, *self.privacy)
        receive = receive_into(box, EVENTS)
        assert await receive(deliver(replace(message, sender="integrations"))) == {}

    async def dies(self, **content: Any) -> None:
        """Let a letter arrive that is not what its type says."""
        sealed = sample_vault().seal_letter("sample", orjson.dumps(content))
        message = message_of(sealed, key="sample.whispered.v1")
        receive = receive_into(sample_inbox(self.database), LETTERS)
        assert await receive(deliver(message)) == {}

    async def dead(self) -> list[tuple[str, bool]]:
        """Return of each dead letter its state, and whether anything is in it."""
        full = func.length(dead_letters.c.body) > 0
        async with self.database.transaction() as session:
            rows = await session.execute(
                select(dead_letters.c.state, full).order_by(dead_letters.c.id)
            )
            return [(row[0], row[1]) for row in rows]


@pytest.fixture
async def place(databases: Databases) -> Place:
    return Place(await databases.open(sample_service()), new_id(), new_id())


async def test_a_letter_about_him_that_waits_for_the_bus_is_not_sent_any_more(
    place: Place,
) -> None:
    words = Whispered(tally_id=new_id(), words="王芳")
    his, another = saying(words, subject=place.ticket_id), saying(words, subject=new_id())
    async with place.database.transaction() as session:
        await send(session, sample_vault(), his, another)

    await place.forget()

    async with place.database.transaction() as session:
        letters = select(outbox.c.subject).where(outbox.c.recipient.is_not(None))
        assert list(await session.scalars(letters)) == [another.subject]


async def test_dead_letters_that_name_him_are_emptied_and_cannot_come_again(place: Place) -> None:
    await place.dies(customer_id=str(place.customer_id))
    await place.dies(phone="138 7766-5544")
    await place.dies(ticket_id=str(place.ticket_id))
    await place.dies(phone="13877665500")

    await place.forget()

    gone, stays = (DeadLetterState.DISCARDED, False), (DeadLetterState.WAITING, True)
    assert await place.dead() == [gone, gone, gone, stays]
    async with place.database.transaction() as session:
        first = await session.scalar(select(dead_letters.c.id).order_by(dead_letters.c.id).limit(1))
        assert first is not None
        with pytest.raises(ConflictError):
            await ask_for_replay(session, first, by=None, reason="again", now=NOON)


async def test_a_letter_about_him_that_dies_later_is_kept_without_its_words(place: Place) -> None:
    await place.forget()
    await place.dies(customer_id=str(place.customer_id))
    await place.dies(customer_id=str(new_id()))
    assert [full for _state, full in await place.dead()] == [False, True]


@given(
    gaps=st.lists(st.sampled_from(["", " ", "-", "  ", "–"]), min_size=10, max_size=10),
    prefix=st.sampled_from(["", "+86", "86 ", "0086-"]),
)
def test_a_number_is_found_however_it_is_written(gaps: list[str], prefix: str) -> None:
    written = "1" + "".join(gap + digit for gap, digit in zip(gaps, "3877665544", strict=True))
    traces = Traces(UUID(int=1), addresses=frozenset({PHONE}))
    assert traces.in_text(f"电话{prefix}{written}。")
    assert not traces.in_text(f"电话{prefix}{written[:-1]}。")
