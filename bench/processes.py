"""The processes that a run starts and ends: they die with it, whatever happens to it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bench.ground import Ground, until_listening
from bench.machine import APPLICATION_CORE, Meter, pin
from bench.samples import Sample
from tests.support.processes import free_ports

ROOT: Final = Path(__file__).resolve().parents[1]
STOP_SECONDS: Final = 30
CASE_SECONDS: Final = 600


@asynccontextmanager
async def started(
    *module_and_arguments: str, folder: Path, settings: Mapping[str, str] | None = None
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """Run `python -m …` on the application's core while the block runs; its log goes to a file."""
    module, *arguments = module_and_arguments
    with (folder / f"{module}.{arguments[0]}.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: ASYNC220 - it takes a millisecond
            [*_dying(), sys.executable, "-m", module, *arguments],
            cwd=folder,
            env={**_environment(), **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    pin(process.pid, APPLICATION_CORE)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)


@asynccontextmanager
async def served(ground: Ground, name: str, database: str) -> AsyncIterator[tuple[int, int]]:
    """Run `bench.serve NAME` while the block runs; give its pid and its port."""
    (port,) = free_ports(1)
    arguments = ("bench.serve", name, str(port), str(ground.folder), ground.url(database))
    async with started(*arguments, folder=ground.folder) as process:
        await until_listening(port)
        yield process.pid, port


async def case(ground: Ground, name: str, count: int, database: str, prefix: str) -> Sample:
    """Run `bench.work NAME` to its end. Raises RuntimeError with what it said when it failed."""
    arguments = (name, str(ground.folder), str(count), ground.url(database))
    with Meter({}) as meter:
        process = await asyncio.create_subprocess_exec(
            *_dying(),
            *(sys.executable, "-m", "bench.work", *arguments, ground.amqp_url, prefix),
            cwd=ground.folder,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), CASE_SECONDS)
    if process.returncode:
        raise RuntimeError(f"{name} failed: {err.decode()[-2000:]}")
    told = json.loads(out.splitlines()[-1])
    return Sample(count / told["seconds"], told["cpu"] / count * 1e6, meter.foreign, told["peak"])


def _dying() -> list[str]:
    return ["setpriv", "--pdeathsig", "KILL", "--"] if sys.platform == "linux" else []


def _environment() -> dict[str, str]:
    kept = {name: v for name, v in os.environ.items() if not name.startswith("CARELOOP_")}
    return {**kept, "PYTHONPATH": str(ROOT)}
