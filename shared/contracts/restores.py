"""What a service says after it was set back: which of its former events still hold."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.privacy import EVERY_SERVICE
from shared.messages.contract import Code, Event


class EventsVoided(Event):
    """Of what `service` said before an epoch, with ids from `first` to `last`, only `kept` is so.

    The other events of that span were forgotten by a restore, or followed from what was.
    """

    TYPE: ClassVar[str] = "events.voided"
    SENDERS: ClassVar[tuple[str, ...]] = EVERY_SERVICE

    service: Code
    before_epoch: int
    first: UUID
    last: UUID
    kept: tuple[UUID, ...]
