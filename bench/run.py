"""`make bench`: how fast each path is beside a yardstick of the same run, in one table."""

import asyncio
import os
import sys
from typing import Final

import uvloop

from bench.ground import ground
from bench.http_rows import http_cases, http_rows
from bench.machine import OTHER_CORE, pin
from bench.message_rows import MessageCases, message_rows
from bench.pipeline import pipeline_rows
from bench.samples import in_rounds
from bench.sizes import SHARE
from bench.table import Row, show

ROUNDS: Final = 3 if SHARE >= 1 else 1
PATIENCE_SECONDS: Final = 600
ONLY: Final = "BENCH_ONLY"
"""`http`, `messages` or `pipeline` runs a part, for somebody who works at it."""


async def rows_of(part: str) -> list[Row]:
    """Return the rows of one part of the run."""
    async with ground(broker=part != "http") as made:
        if part == "http":
            async with http_cases(made) as cases:
                return http_rows(await in_rounds(cases, ROUNDS))
        if part == "pipeline":
            return await pipeline_rows(made)
        messages = MessageCases(made)
        await messages.prepare()
        series = await in_rounds(messages.cases(), ROUNDS)
        return message_rows(series, messages.folded)


async def main() -> None:
    """Measure and print, also what was measured before a part fails; one part runs at a time."""
    asked = os.environ.get(ONLY)
    rows: list[Row] = []
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            for part in (asked,) if asked else ("http", "messages", "pipeline"):
                rows += await rows_of(part)
    finally:
        show(rows, "CareLoop beside its yardsticks, one application core")


if __name__ == "__main__":
    if (os.cpu_count() or 1) < 2:  # noqa: PLR2004 - one for the application, one for the rest
        sys.exit("make bench needs two cores: one for the application, one for all else")
    pin(0, OTHER_CORE)
    uvloop.run(main())
