"""What a service does when it hears a message: a plain list of `on(Contract, handler)`."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar

from shared.bus.interface import Queue, QueueKind
from shared.correlation import Cause
from shared.database import Session
from shared.messages.contract import Contract, Envelope, Event, Letter

C = TypeVar("C", bound=Contract)

EVERYTHING: Final = "#"
"""The key of a handler for events of every type, also of those that nobody here knows."""


class Anything(Event):
    """An event whose data are not looked at."""

    TYPE: ClassVar[str] = EVERYTHING
    SENDERS: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def key(cls) -> str:
        """Return the key that stands for all."""
        return EVERYTHING


@dataclass(frozen=True, slots=True)
class Received(Generic[C]):
    """A message as a handler sees it."""

    envelope: Envelope
    data: C

    @property
    def cause(self) -> Cause:
        """Return what to write as the cause of whatever follows from this message."""
        return Cause(self.envelope.correlationid, self.envelope.id, self.envelope.traceparent)


Handle = Callable[[Session, Sequence[Received[C]]], Awaitable[None]]
"""Handle a batch of one type inside the inbox's transaction. The batch is in no order."""


@dataclass(frozen=True, slots=True)
class Handler:
    """One message type and what a service does with it.

    A handler that `keeps_ids` writes the messages themselves down under their ids, so that a
    repetition finds them there and the inbox need not note them a second time.
    """

    contract: type[Contract]
    handle: Callable[[Session, Sequence[Received[Any]]], Awaitable[None]]
    keeps_ids: bool = False


def on(contract: type[C], handle: Handle[C]) -> Handler:
    """Say what to do with messages of a type; the type checker sees that the two fit."""
    return Handler(contract, handle)


def queues_of(service: str, handlers: Iterable[Handler]) -> tuple[Queue, ...]:
    """Return the queues that a service listens to, its dead ones included."""
    events = {h.contract.key() for h in handlers if not issubclass(h.contract, Letter)}
    wanted = (EVERYTHING,) if EVERYTHING in events else tuple(sorted(events))
    return (
        Queue(service, QueueKind.EVENTS, wanted),
        Queue(service, QueueKind.LETTERS),
        Queue(service, QueueKind.DEAD),
    )
