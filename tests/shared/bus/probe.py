"""What the tests of the buses use to look: messages, and a consumer that notes."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from shared.bus.interface import Delivery, Exchange, Message
from shared.ids import new_id


def event(type: str = "ticket.closed.v1", sender: str = "tickets") -> Message:
    return Message(new_id(), type, sender, Exchange.EVENTS, type, b'{"n":1}')


def letter(recipient: str) -> Message:
    return Message(
        new_id(), "notification.request.v1", "tickets", Exchange.LETTERS, recipient, b"{}"
    )


class Ear:
    """A receiving function that notes what it hears and answers as it is told."""

    def __init__(
        self, answer: Callable[[Sequence[Delivery]], Mapping[UUID, float]] = lambda _: {}
    ) -> None:
        self.batches: list[list[Delivery]] = []
        self._answer = answer

    async def __call__(self, deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        self.batches.append(list(deliveries))
        return self._answer(deliveries)

    @property
    def heard(self) -> list[Delivery]:
        return [delivery for batch in self.batches for delivery in batch]

    @property
    def ids(self) -> list[UUID]:
        return [delivery.message.id for delivery in self.heard]
