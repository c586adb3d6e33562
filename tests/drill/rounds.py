"""A round of the drill: complaints close and surveys are answered while something breaks."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.drill.faults import Fault
from tests.drill.house import House
from tests.drill.ledger import Ledger, found
from tests.drill.verdict import Outcome, compared
from tests.support.closings import SPAM_EVERY, closed
from tests.support.company import Caller

DOWN_SECONDS = 10.0
"""What a supervisor of processes, or Kubernetes, needs to notice and start again."""

GIVEN_UP_SECONDS = 600.0
"""Twice what is promised: a drill that fails shows by how much."""

LOOK_AGAIN_SECONDS = 0.5
ANSWERING = 6
"""Customers who answer at the same time, beside those who file."""

RESULTS = (5, 4, 3)
"""Levels of satisfaction in turn; none of them opens recovery."""


@dataclass(frozen=True)
class Drill:
    """Where it is held, what was done, and how many complaints a round has."""

    house: House
    ledger: Ledger
    count: int

    async def warmed_up(self) -> None:
        """Close the first complaints, whose surveys are answered in the first round."""
        await self._close()
        await self._settled(GIVEN_UP_SECONDS)

    async def round(self, name: str, fault: Fault) -> Outcome:
        """Break something while as many complaints close as surveys are answered; then wait."""
        house, before = self.house, self.ledger.closed
        house.answers.clear()
        async with asyncio.TaskGroup() as work:
            filing = work.create_task(self._close())
            work.create_task(self._answer())
            while self.ledger.closed < before + self.count // 10 and not filing.done():
                await asyncio.sleep(0.01)
            await fault.breaks(house)
            await asyncio.sleep(DOWN_SECONDS)
            await fault.mends(house)
            mended_at = time.monotonic()
            await house.running.ready()
        seen, p95 = dict(house.answers.statuses), house.answers.p95()
        await self._settled(GIVEN_UP_SECONDS)
        seconds = time.monotonic() - mended_at
        difference = compared(self.ledger.expected(), await self._found() or {})
        return Outcome(name, sum(seen.values()), seen.get(503, 0), p95, seconds, difference)

    async def _close(self) -> None:
        async def share(customer: Caller, count: int) -> None:
            for _ in range(count):
                await closed(self.house.company, customer, number=SPAM_EVERY + 1)
                self.ledger.closed += 1

        people = self.house.customers
        shares = [len(range(n, self.count, len(people))) for n in range(len(people))]
        async with asyncio.TaskGroup() as group:
            for customer, count in zip(people, shares, strict=True):
                group.create_task(share(customer, count))

    async def _answer(self) -> None:
        """Answer every survey that nobody answered yet."""
        fresh = sorted(self.ledger.links(self.house) - self.ledger.used)
        self.ledger.used.update(fresh)
        async with asyncio.TaskGroup() as group:
            for first in range(ANSWERING):
                group.create_task(self._answer_each(fresh[first::ANSWERING]))

    async def _answer_each(self, tokens: Sequence[str]) -> None:
        anybody = Caller("", self.house.running.client, None)
        for token in tokens:
            result = RESULTS[len(self.ledger.answered) % len(RESULTS)]
            answers = {"result": result, "solved": True, "recommend": 9}
            await anybody.insists(f"/public/surveys/{token}", {"answers": answers})
            self.ledger.answered.append(result)

    async def _found(self) -> dict[str, float] | None:
        return await found(self.house, self.ledger)

    async def _settled(self, seconds: float) -> None:
        """Return when the system says what our book says, or after so many seconds."""
        until = time.monotonic() + seconds
        while await self._found() != self.ledger.expected() and time.monotonic() < until:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
