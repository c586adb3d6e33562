"""`make bench-scale`: what the paths cost the application with a hundred times the tickets."""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import uvloop

from bench.dashboards import dashboard_rows
from bench.events import STEPS, closings, lives
from bench.fill import fill_tickets, tidy
from bench.ground import TEAMS, Ground, ground
from bench.history import DAYS, fill_outbox, fill_reporting, hear
from bench.http_rows import CREATED, OK, REQUESTS, Target, told
from bench.load import send_all
from bench.machine import OTHER_CORE, Meter, pin
from bench.message_rows import queue, wait_in_outbox
from bench.processes import case, served
from bench.samples import Case, Sample, Series, in_rounds
from bench.sizes import SHARE, some
from bench.table import Row, show
from shared.outbox.tables import OUTBOX_KEPT

FEW: Final = some(10_000)
MANY: Final = some(1_000_000)
FOLDED: Final = some(2_000)
"""Tickets that the product folds itself; the others are their copies."""
WAITING: Final = (some(2_000), some(100_000))
"""Events that wait for a worker, few and many."""
ROUNDS: Final = 3 if SHARE >= 1 else 1
PATIENCE_SECONDS: Final = 45 * 60

HTTP: Final = {"create": 400, "get": 800, "list": 300, "close": 400}
RELAYED: Final = some(2_000)
HEARD: Final = some(500)
"""Tickets whose events are folded in a round."""
WARM: Final = 30

LIMIT: Final = 1.25
"""What grows with the data is found by this: the time of a page, not of a whole table."""

RESOLVED_EACH: Final = 5
STRIDE: Final = 7_919
"""A prime: tickets are asked for from all over the table, no two alike before all were."""
OF_TEAMS: Final = tuple(n for n in range(TEAMS) for _ in range(TEAMS // (n + 1)))
"""The teams of the tickets, in turn: a few are large."""
MIB: Final = 2**20


class Sized:
    """The databases of one size, and what is measured on them."""

    def __init__(self, ground: Ground, tickets: int) -> None:
        self._ground = ground
        self._tickets = tickets
        self._resolved: Iterator[int] = iter(range(0, tickets, RESOLVED_EACH))
        self._prefixes: Iterator[int] = itertools.count()
        self.names = {part: f"scale_{part}_{tickets}" for part in ("tickets", "reporting")}

    async def fill(self) -> None:
        """Load both databases at the same time."""
        for part, name in self.names.items():
            await self._ground.database(part, name)
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._fill_tickets())
            group.create_task(self._fill_reporting())
        took = time.perf_counter() - began
        print(
            f"{self._tickets:,} tickets are there after {took:.0f} s", file=sys.stderr, flush=True
        )

    @asynccontextmanager
    async def cases(self) -> AsyncIterator[dict[str, Case]]:
        """Serve the tickets; give the cases, named `figure/size`."""
        async with served(self._ground, "tickets", self.names["tickets"]) as (pid, port):
            tokens = [self._ground.tokens[number] for number in OF_TEAMS]
            target = Target(pid, port, self.names["tickets"], "/api/v1", tokens)
            cases: dict[str, Case] = {
                figure: partial(self._over_http, target, figure) for figure in HTTP
            }
            cases |= {"relay": self._relay, "fold": self._fold}
            yield {f"{figure}/{self._tickets}": run for figure, run in cases.items()}

    async def _fill_tickets(self) -> None:
        dsn = self._ground.dsn(self.names["tickets"])
        await fill_tickets(dsn, self._tickets, of_teams=OF_TEAMS, resolved_each=RESOLVED_EACH)
        data = json.dumps(json.loads(next(closings(1)).body)["data"])
        kept = self._tickets * len(STEPS) * OUTBOX_KEPT.days // DAYS
        await fill_outbox(self._ground.url(self.names["tickets"]), kept, data)
        await tidy(dsn)

    async def _fill_reporting(self) -> None:
        await fill_reporting(self._ground.url(self.names["reporting"]), self._tickets, FOLDED)
        await tidy(self._ground.dsn(self.names["reporting"]))

    async def _over_http(self, target: Target, figure: str) -> Sample:
        count, expected = some(HTTP[figure]), CREATED if figure == "create" else OK
        everywhere = (number * STRIDE % self._tickets for number in itertools.count())
        numbers = itertools.islice(
            self._resolved if figure == "close" else everywhere, WARM + count
        )
        requests = [REQUESTS[figure](target, number) for number in numbers]
        if len(requests) < WARM + count:
            raise RuntimeError("fewer tickets can be closed than shall be: take a larger share")
        await send_all(target.port, requests[:WARM], expected=expected)
        with Meter({"application": target.pid}) as meter:
            await send_all(target.port, requests[WARM:], expected=expected)
        used = meter.used["application"] / count * 1e6
        return Sample(count / meter.seconds, used, meter.foreign)

    async def _relay(self) -> Sample:
        prefix, name = self._prefix(), self.names["tickets"]
        await queue(self._ground, "reporting", prefix)
        await wait_in_outbox(self._ground.dsn(name), RELAYED)
        return await case(self._ground, "relay", RELAYED, name, prefix)

    async def _fold(self) -> Sample:
        name = self.names["reporting"]
        await hear(self._ground.url(name), lives(HEARD, varied=True))
        return await case(self._ground, "fold", HEARD * len(STEPS), name, self._prefix())

    def _prefix(self) -> str:
        return f"s{self._tickets}x{next(self._prefixes)}"


async def memory_row(ground: Ground) -> Row:
    """Return the most memory that a worker had with many events waiting, beside few."""
    await ground.database("reporting", "waiting")
    peaks = []
    for number, count in enumerate(WAITING):
        await queue(ground, "reporting", f"w{number}", list(closings(count)))
        sample = await case(ground, "append", count, "waiting", f"w{number}")
        peaks.append(sample.peak_bytes / MIB)
    few, many = peaks
    return Row(
        f"memory of a worker, {WAITING[1]:,} events waiting",
        f"{many:.0f} MiB",
        f"{few:.0f} MiB",
        many / few,
        LIMIT,
        None,
        more=False,
        note=f"beside {WAITING[0]:,} waiting",
    )


def growth_rows(series: dict[str, Series]) -> list[Row]:
    """Return what an operation costs the application with many tickets, beside few."""
    rows = []
    for figure in (*HTTP, "relay", "fold"):
        few, many = series[f"{figure}/{FEW}"], series[f"{figure}/{MANY}"]
        ratio = many.cpu_us / few.cpu_us
        foreign = max(few.foreign, many.foreign)
        note = f"spread {many.spread:.2f}/{few.spread:.2f} foreign {foreign:.2f}"
        rows.append(Row(figure, told(many), told(few), ratio, LIMIT, None, more=False, note=note))
    return rows


async def main() -> None:
    """Load both sizes, take turns between them, and print how the costs compare."""
    cases: dict[str, Case] = {}
    async with asyncio.timeout(PATIENCE_SECONDS), AsyncExitStack() as stack:
        made = await stack.enter_async_context(ground())
        sizes = [Sized(made, tickets) for tickets in (FEW, MANY)]
        for size in sizes:
            await size.fill()
            cases |= await stack.enter_async_context(size.cases())
        rows = growth_rows(await in_rounds(cases, ROUNDS))
        show(rows, f"Processor time with {MANY:,} tickets beside {FEW:,}", "many", "few")
        questions = await dashboard_rows(made.url(sizes[-1].names["reporting"]))
        show(questions, f"Questions about {MANY:,} tickets", "from sums", "from single rows")
        show([await memory_row(made)], "Memory of reporting's worker", "many", "few")


if __name__ == "__main__":
    if (os.cpu_count() or 1) < 2:  # noqa: PLR2004 - one for the application, one for the rest
        sys.exit("make bench-scale needs two cores: one for the application, one for all else")
    pin(0, OTHER_CORE)
    uvloop.run(main())
