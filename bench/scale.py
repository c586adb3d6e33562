"""`make bench-scale`: what a request costs the application with a hundred times the tickets."""

import asyncio
import sys
from contextlib import AsyncExitStack
from typing import Final

import uvloop

from bench.ground import ground
from bench.http_rows import LIMITS, http_cases, told
from bench.machine import OTHER_CORE, pin
from bench.samples import Case, in_rounds
from bench.sizes import SHARE, some
from bench.table import Row, show

FEW: Final = some(10_000)
MANY: Final = some(1_000_000)
ROUNDS: Final = 3 if SHARE >= 1 else 1
PATIENCE_SECONDS: Final = 45 * 60
FLOOR: Final = 1.25
"""What grows with the data is found by this: the time of a page, not of the whole table."""


async def main() -> None:
    """Fill two databases, take turns between them, and print how the costs compare."""
    cases: dict[str, Case] = {}
    async with asyncio.timeout(PATIENCE_SECONDS), AsyncExitStack() as stack:
        made = await stack.enter_async_context(ground(broker=False))
        for tickets in (FEW, MANY):
            print(f"filling {tickets:,} tickets", file=sys.stderr, flush=True)
            opened = await stack.enter_async_context(http_cases(made, tickets))
            cases |= {f"{name}/{tickets}": opened[f"{name}/tickets"] for name in LIMITS}
        series = await in_rounds(cases, ROUNDS)
    rows = []
    for figure in LIMITS:
        few, many = series[f"{figure}/{FEW}"], series[f"{figure}/{MANY}"]
        ratio = many.cpu_us / few.cpu_us
        note = f"foreign {max(few.foreign, many.foreign):.2f}"
        row = Row(figure, told(many), told(few), ratio, FLOOR, None, more=False, note=note)
        rows.append(row)
    show(rows, f"Processor time with {MANY:,} tickets beside {FEW:,}")


if __name__ == "__main__":
    pin(0, OTHER_CORE)
    uvloop.run(main())
