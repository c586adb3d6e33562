"""The sample service at work over RabbitMQ, until it dies where it is told.

`python -m tests.faults.broker.mortal DATABASE_URL AMQP_URL PREFIX POINT MARK`: it dies once at the
point, and writes the file MARK before, so that the next one lives.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from shared.bus.interface import Delivery, Queue, QueueKind, Receive
from shared.bus.rabbit.bus import RabbitBus
from shared.bus.rabbit.consumer import Consumer
from shared.database import Database, Session
from shared.inbox.handlers import Received, on
from shared.work import working
from tests.faults.broker.workshop import LADDER
from tests.support.sample_service import Counted, count, sample_service, sample_vault

DELIVERY_LIMIT = 16
"""Ten innocent messages have a one in 3,000 chance to stand behind a deadly one that often."""

DEADLY = "deadly"
"""The mood of a message that ends whoever handles it, whenever it comes."""


class Point(StrEnum):
    """Where a worker dies."""

    BEFORE_COMMIT = "between work and commit"
    BEFORE_ACK = "between commit and acknowledgement"
    AFTER_RETRY = "between a planned retry and its acknowledgement"
    ALWAYS = "in the handler of a deadly message"


@dataclass(frozen=True)
class Fate:
    """Where this worker dies, if its forerunner has not."""

    point: Point
    mark: Path

    @property
    def fulfilled(self) -> bool:
        """Return whether somebody has died here already."""
        return self.mark.exists()

    def at(self, point: Point, *, copies: int = 0) -> None:
        """Die, if this is the point; leave in the mark how many messages are there twice."""
        if point == self.point and not self.fulfilled:
            self.mark.write_text(str(copies))
            os.kill(os.getpid(), signal.SIGKILL)


class MortalBus(RabbitBus):
    """A bus whose process dies at two of the points."""

    def __init__(self, url: str, prefix: str, fate: Fate) -> None:
        super().__init__(
            url,
            service="sample",
            may_send=lambda sender, _: sender == "sample",
            prefix=prefix,
            ladder=LADDER,
            delivery_limit=DELIVERY_LIMIT,
        )
        self._fate = fate

    async def subscribe(self, queue: Queue, receive: Receive) -> Consumer:
        async def and_die(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
            answer = await receive(deliveries)
            self._fate.at(Point.BEFORE_ACK)
            return answer

        mortal = queue.kind is QueueKind.EVENTS
        return await super().subscribe(queue, and_die if mortal else receive)

    async def retry(self, queue: Queue, retries: Sequence[tuple[Delivery, float]]) -> set[UUID]:
        planned = await super().retry(queue, retries)
        self._fate.at(Point.AFTER_RETRY, copies=len(planned))
        return planned


async def work(database: Database, bus: MortalBus, fate: Fate) -> None:
    """Work until dead or killed."""

    async def count_and_die(session: Session, received: Sequence[Received[Counted]]) -> None:
        if any(item.data.mood == DEADLY for item in received):
            os._exit(1)
        if fate.point is Point.AFTER_RETRY and not fate.fulfilled:
            raise RuntimeError("not yet")
        await count(session, received)
        fate.at(Point.BEFORE_COMMIT)

    async with working(sample_service(on(Counted, count_and_die)), database, bus, sample_vault()):
        await asyncio.Event().wait()


if __name__ == "__main__":
    database_url, amqp_url, prefix, point, mark = sys.argv[1:]
    fate = Fate(Point(point), Path(mark))
    asyncio.run(work(Database(database_url), MortalBus(amqp_url, prefix, fate), fate))
