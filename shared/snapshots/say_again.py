"""What a snapshot is made of: present facts, or past events, as messages to one service.

They say what was said before, with the same (epoch, sequence), so a copy that knows something
newer keeps it; their origin is `replay`, so nobody is written to because of them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from shared.bus.interface import Exchange, Message, Queue, QueueKind
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.messages.contract import Contract, Envelope, Letter, Origin


@dataclass(frozen=True, slots=True)
class Again:
    """A message that is said again; the part after it begins at `position`.

    A past event keeps its id, so that who has handled it does not handle it twice, and its epoch;
    a present fact has none and is said in the epoch in which its service is now.
    """

    position: str
    message_id: UUID
    sender: str
    key: str
    subject: UUID
    epoch: int | None
    sequence: int
    time: datetime
    data: Mapping[str, Any]
    letter: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part is wanted: what follows `position` (None: all), for whom, narrowed how.

    `now` is the time of facts that do not know since when they are so.
    """

    recipient: str
    position: str | None
    types: Sequence[str]
    since: datetime | None
    limit: int
    now: datetime


SayAgain: TypeAlias = Callable[[Session, Vault, Wanted], Awaitable[list[Again]]]
"""Return the next part, in the order of its positions; it is over when that is empty."""


def fact(vault: Vault, content: Contract, subject: UUID, sequence: int, time: datetime) -> Again:
    """Return a present fact of our own, or a letter about it, as a message."""
    letter = isinstance(content, Letter)
    sealed = (
        vault.seal_letter(content.RECIPIENT, content.model_dump_json().encode())
        if isinstance(content, Letter)
        else content.model_dump(mode="json")
    )
    return Again(
        position=str(subject),
        message_id=new_id(),
        sender=content.SENDERS[0],
        key=content.key(),
        subject=subject,
        epoch=None,
        sequence=sequence,
        time=time,
        data=sealed,
        letter=letter,
    )


def message_of(again: Again, recipient: str, *, snapshot_id: UUID, epoch: int) -> Message:
    """Return a message for the queue of one service alone; `epoch` is the service's present one."""
    envelope = Envelope(
        id=again.message_id,
        source=f"careloop/{again.sender}",
        type=again.key.rpartition(".v")[0],
        subject=again.subject,
        time=again.time,
        dataschema=again.key,
        sequence=again.sequence,
        epoch=again.epoch or epoch,
        origin=Origin.REPLAY,
        correlationid=str(snapshot_id),
        data=dict(again.data),
    )
    kind = QueueKind.LETTERS if again.letter else QueueKind.EVENTS
    body = envelope.model_dump_json(exclude_none=True).encode()
    queue = Queue(recipient, kind).name
    return Message(again.message_id, again.key, again.sender, Exchange.REQUEUE, queue, body)
