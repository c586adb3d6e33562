"""A small service that counts what it hears, for tests of the ground that all services share."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, Table, Uuid, select
from sqlalchemy.dialects.postgresql import insert

from shared.bus.interface import BusUnavailableError, Delivery, Exchange, Message, Queue, QueueKind
from shared.clock import utcnow
from shared.crypto.vault import Vault, new_secrets, vault_of
from shared.database import Database, Session, new_metadata
from shared.ids import new_id
from shared.inbox.handlers import Handler, Received, on
from shared.inbox.receive import Inbox
from shared.messages.contract import Code, Event, Letter
from shared.outbox.emit import Saying
from shared.service import Service

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECRETS = new_secrets(("sample", "other"))
EVENTS = Queue("sample", QueueKind.EVENTS, ("sample.counted.v1",))
LETTERS = Queue("sample", QueueKind.LETTERS)
DEAD = Queue("sample", QueueKind.DEAD)

tallies = Table(
    "tallies",
    new_metadata(),
    Column("id", Uuid, primary_key=True),
    Column("amount", Integer, nullable=False),
)


class Counted(Event):
    TYPE: ClassVar[str] = "sample.counted"
    SENDERS: ClassVar[tuple[str, ...]] = ("sample",)

    tally_id: UUID
    amount: int
    mood: Code = "calm"


class Whispered(Letter):
    TYPE: ClassVar[str] = "sample.whispered"
    SENDERS: ClassVar[tuple[str, ...]] = ("sample",)
    RECIPIENT: ClassVar[str] = "sample"

    tally_id: UUID
    words: str


class WhisperedElsewhere(Whispered):
    RECIPIENT: ClassVar[str] = "other"


async def count(session: Session, received: Sequence[Received[Counted]]) -> None:
    """Add up; raise where the message says that its handling fails."""
    for message in received:
        statement = insert(tallies).values(id=message.data.tally_id, amount=message.data.amount)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=[tallies.c.id],
                set_={"amount": tallies.c.amount + statement.excluded.amount},
            )
        )
        if message.data.mood == "angry":
            raise RuntimeError("a sentence with the customer's secret")


async def note(session: Session, received: Sequence[Received[Whispered]]) -> None:
    """Write down how many characters were whispered."""
    rows = [{"id": item.data.tally_id, "amount": len(item.data.words)} for item in received]
    await session.execute(insert(tallies), rows)


def sample_service(*handlers: Handler) -> Service:
    return Service(
        name="sample",
        migrations=Path(__file__).parent / "sample_migrations",
        handlers=handlers or (on(Counted, count), on(Whispered, note)),
    )


def sample_vault(service: str = "sample") -> Vault:
    """Return the keys of a service, which may write to all."""
    return vault_of(SECRETS, service, recipients=("sample", "other"))


def sample_inbox(database: Database, *handlers: Handler) -> Inbox:
    service = sample_service(*handlers)
    return Inbox("sample", database, service.handlers, sample_vault(), utcnow)


def saying(data: Event | Letter, **different: Any) -> Saying:
    fields: dict[str, Any] = {"subject": new_id(), "sequence": 1, "time": NOON}
    return Saying(data, **fields | different)


def message_of(
    data: Mapping[str, Any],
    *,
    key: str = "sample.counted.v1",
    message_id: UUID | None = None,
    envelope: Mapping[str, Any] | None = None,
) -> Message:
    """Return a message as it travels, written without the relay that the tests examine."""
    message_id = message_id or new_id()
    content = {
        "specversion": "1.0",
        "id": str(message_id),
        "source": "careloop/sample",
        "type": key.rpartition(".v")[0],
        "subject": str(new_id()),
        "time": "2026-11-25T12:00:00Z",
        "dataschema": key,
        "sequence": 1,
        "epoch": 1,
        "origin": "live",
        "correlationid": "c0ffee",
        "data": data,
    }
    body = json.dumps(content | dict(envelope or {})).encode()
    return Message(message_id, key, "sample", Exchange.EVENTS, key, body)


def counted(tally_id: UUID, amount: int = 1, **different: Any) -> Message:
    return message_of({"tally_id": str(tally_id), "amount": amount} | different)


def deliver(*messages: Message, attempt: int = 0) -> list[Delivery]:
    return [Delivery(message, attempt, redelivered=False) for message in messages]


async def tally(database: Database, tally_id: UUID) -> int | None:
    async with database.transaction() as session:
        found: int | None = await session.scalar(
            select(tallies.c.amount).where(tallies.c.id == tally_id)
        )
        return found


class ShelfBus:
    """A bus that keeps what is published; it can be away, and refuse single messages."""

    def __init__(self) -> None:
        self.published: list[Message] = []
        self.calls = 0
        self.away = False
        self.refused: set[UUID] = set()

    async def publish(self, messages: Sequence[Message]) -> set[UUID]:
        self.calls += 1
        return self.take(messages)

    def take(self, messages: Sequence[Message]) -> set[UUID]:
        """Keep what is published."""
        if self.away:
            raise BusUnavailableError("it was unplugged")
        taken = [message for message in messages if message.id not in self.refused]
        self.published += taken
        return {message.id for message in taken}

    async def subscribe(self, queue: Queue, _receive: object) -> "ShelfSubscription":
        if self.away:
            raise BusUnavailableError(f"no way to {queue.name}")
        return ShelfSubscription()

    async def unrouted(self) -> int:
        return 0

    def connected(self) -> bool:
        return not self.away

    async def close(self) -> None:
        """Have nothing to close."""


class SlowBus(ShelfBus):
    """Takes messages when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def publish(self, messages: Sequence[Message]) -> set[UUID]:
        self.calls += 1
        await self.go.wait()
        return self.take(messages)


class ShelfSubscription:
    async def stop(self) -> None:
        """Have nothing to stop."""
