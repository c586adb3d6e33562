"""The feedback service with its inbox, its sweeps and its doors, on a database of its own."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.feedback.service import create_service
from services.feedback.settings import FeedbackSettings
from shared.bus.interface import Delivery, Exchange, Message, Queue, QueueKind
from shared.clock import utcnow
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.ids import new_id
from shared.inbox.receive import Inbox, receive_into
from shared.messages.contract import Contract, Envelope, Letter
from shared.outbox.tables import outbox
from shared.service import Service
from shared.settings import CommonSettings
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People

NAME = "feedback"


@dataclass
class Feedback:
    """What the tests do to the service, and what they see of it."""

    service: Service
    database: Database
    people: People
    settings: FeedbackSettings = field(default_factory=FeedbackSettings)

    async def hear(self, *messages: Message) -> None:
        """Hand the service one batch of events and one of letters."""
        box = Inbox(NAME, self.database, self.service.handlers, VAULT, utcnow)
        for kind, exchange in (
            (QueueKind.LETTERS, Exchange.LETTERS),
            (QueueKind.EVENTS, Exchange.EVENTS),
        ):
            batch = [Delivery(m, 0, redelivered=False) for m in messages if m.exchange is exchange]
            if batch:
                assert await receive_into(box, Queue(NAME, kind))(batch) == {}

    async def sweep(self, *names: str, now: datetime | None = None) -> int:
        """Run the sweeps of these names until nothing is due any more; return what was done."""
        done = 0
        for sweep in self.service.sweeps:
            while sweep.name in names and (
                settled := await sweep.run(self.database, now or utcnow())
            ):
                done += settled
        return done

    async def said(self, *types: str) -> list[Any]:
        """Return what the service said of these types, in the order of its writing."""
        statement = select(outbox).where(outbox.c.type.in_(types)).order_by(outbox.c.id)
        async with self.database.transaction() as session:
            return list(await session.execute(statement))


def message(
    data: Contract,
    subject: UUID,
    *,
    sequence: int = 1,
    origin: str = "live",
    time: datetime | None = None,
) -> Message:
    """Return a message as the bus would bring it; hearing it again is hearing the same one."""
    message_id = new_id()
    letter = isinstance(data, Letter)
    envelope = Envelope(
        id=message_id,
        source=f"careloop/{data.SENDERS[0]}",
        type=data.TYPE,
        subject=subject,
        time=time or utcnow(),
        dataschema=data.key(),
        sequence=sequence,
        epoch=1,
        origin=origin,
        correlationid="test",
        data=VAULT.seal_letter(NAME, data.model_dump_json().encode())
        if letter
        else data.model_dump(mode="json"),
    )
    return Message(
        id=message_id,
        type=data.key(),
        sender=data.SENDERS[0],
        exchange=Exchange.LETTERS if letter else Exchange.EVENTS,
        key=NAME if letter else data.key(),
        body=envelope.model_dump_json().encode(),
    )


def letters(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the letters of the outbox as whoever gets them reads them."""
    return [json.loads(VAULT.open_letter(row.recipient, row.data)) for row in rows]


@pytest.fixture
async def feedback(databases: Databases) -> AsyncIterator[Feedback]:
    """Open the service on a database of its own."""
    service = create_service(CommonSettings(), VAULT, FeedbackSettings())
    database = await databases.open(service)
    people = People(create_app(service, Ground(database, VAULT, KEYS)), database)
    yield Feedback(service, database, people)
    await people.leave()
