"""A service at work over a broker: it says and hears, and adds up what it hears."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import func, select

from shared.bus.rabbit.bus import RabbitBus
from shared.database import Database
from shared.dead_letters.tables import dead_letters
from shared.ids import new_id
from shared.outbox.emit import emit
from shared.outbox.tables import outbox
from shared.work import working
from tests.support.databases import Databases
from tests.support.patience import becomes
from tests.support.sample_service import Counted, sample_service, sample_vault, saying, tally

LADDER = (0.2, 0.6)
PATIENCE_SECONDS = 180.0
"""A relay that died gives its rows back after a minute, and a node of a cluster starts in 10 s
on an idle machine."""


def sample_bus(url: str, prefix: str) -> RabbitBus:
    """Return a bus of the sample service whose retries come soon."""
    return RabbitBus(
        url,
        service="sample",
        may_send=lambda sender, _: sender == "sample",
        prefix=prefix,
        ladder=LADDER,
    )


@dataclass
class Workshop:
    """What is said here counts one each, and is heard here."""

    database: Database
    url: str
    prefix: str = field(default_factory=lambda: f"w{uuid4().hex[:8]}")
    tally_id: UUID = field(default_factory=new_id)
    said: int = 0

    def __post_init__(self) -> None:
        self.bus = sample_bus(self.url, self.prefix)

    @property
    def queue(self) -> str:
        """Return the name of the queue that events come by."""
        return f"{self.prefix}.sample.events"

    async def say(self, count: int = 1) -> None:
        """Commit so many events."""
        await self.tell(*[Counted(tally_id=self.tally_id, amount=1)] * count)
        self.said += count

    async def tell(self, *events: Counted) -> None:
        """Commit events."""
        async with self.database.transaction() as session:
            await emit(session, *(saying(event) for event in events))

    async def heard(self) -> int:
        """Return how many events have had their effect."""
        return await tally(self.database, self.tally_id) or 0

    async def connected(self) -> bool:
        """Return whether the consumers have the broker."""
        return self.bus.connected()

    async def state(self) -> dict[str, int]:
        """Return what was counted, what is not said yet, and what was given up."""
        unsaid = select(func.count()).where(outbox.c.published_at.is_(None))
        dead = select(func.count()).select_from(dead_letters)
        async with self.database.transaction() as session:
            return {
                "heard": await self.heard(),
                "unsaid": await session.scalar(unsaid) or 0,
                "dead": await session.scalar(dead) or 0,
            }

    async def all_is_heard_once(self, *, but_dead: int = 0) -> None:
        """Wait until everything has had its effect; none may have had it twice."""
        wanted = {"heard": self.said, "unsaid": 0, "dead": but_dead}
        await becomes(self.state, wanted, patience=PATIENCE_SECONDS)

    @asynccontextmanager
    async def talking(self) -> AsyncIterator["Gap"]:
        """Say an event every few milliseconds; the block learns how long nothing was heard."""
        gap, enough = Gap(), asyncio.Event()
        talks = asyncio.create_task(self._talk(enough))
        listens = asyncio.create_task(self._listen(gap))
        try:
            yield gap
        finally:
            enough.set()  # who is cancelled may have committed what he does not count
            await talks
            listens.cancel()
            await asyncio.gather(listens, return_exceptions=True)

    async def _talk(self, enough: asyncio.Event) -> None:
        while not enough.is_set():
            await self.say()
            await asyncio.sleep(0.02)

    async def _listen(self, gap: "Gap") -> None:
        before = await self.heard()
        while True:
            now = await self.heard()
            if now > before:
                gap.ends()
            before = now
            await asyncio.sleep(0.01)


@dataclass
class Gap:
    """The longest time between two moments at which something was heard."""

    longest_seconds: float = 0.0
    ended: int = 0
    _last: float = field(default_factory=time.monotonic)

    def ends(self) -> None:
        """Note that something was heard."""
        now = time.monotonic()
        self.longest_seconds = max(self.longest_seconds, now - self._last)
        self._last = now
        self.ended += 1

    async def flows(self, times: int = 20) -> None:
        """Return when something was heard so many times more."""
        enough = self.ended + times
        await becomes(lambda: self._reached(enough), expected=True, patience=PATIENCE_SECONDS)

    async def _reached(self, times: int) -> bool:
        return self.ended >= times


@asynccontextmanager
async def workshop(
    databases: Databases, url: str, *, made_at: str | None = None
) -> AsyncIterator[Workshop]:
    """Run the sample service over the broker at `url`, with queues of its own.

    The node at `made_at` leads these queues; without it, any that the service declares them at.
    """
    service = sample_service()
    shop = Workshop(await databases.open(service), url)
    if made_at is not None:
        maker = sample_bus(made_at, shop.prefix)
        await maker.prepare(service.queues)
        await maker.close()
    try:
        async with working(service, shop.database, shop.bus, sample_vault()):
            await becomes(shop.connected, expected=True, patience=PATIENCE_SECONDS)
            yield shop
    finally:
        await shop.bus.close()
