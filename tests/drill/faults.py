"""What breaks in a drill, and how it is brought back: as a supervisor of processes would."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tests.drill.house import House
from tests.support.postgres import end_at_once, start_again


@dataclass(frozen=True)
class Fault:
    """What is broken at once, and what brings it back."""

    breaks: Callable[[House], Awaitable[None]]
    mends: Callable[[House], Awaitable[None]]


def killed(*names: str) -> Fault:
    """Return the sudden end of processes of ours."""

    async def breaks(house: House) -> None:
        await asyncio.gather(*(house.running.processes[n].end(signal.SIGKILL) for n in names))

    async def mends(house: House) -> None:
        for name in names:
            house.running.processes[name].start()

    return Fault(breaks, mends)


async def _broker_ends(house: House) -> None:
    await house.rabbit.kill()


async def _broker_starts(house: House) -> None:
    await house.rabbit.start()


async def _database_ends(house: House) -> None:
    await end_at_once(house.postgres)


async def _database_starts(house: House) -> None:
    await start_again(house.postgres)


def all_of(*faults: Fault) -> Fault:
    """Return several faults as one."""

    async def breaks(house: House) -> None:
        await asyncio.gather(*(fault.breaks(house) for fault in faults))

    async def mends(house: House) -> None:
        for fault in faults:
            await fault.mends(house)

    return Fault(breaks, mends)


SINGLE: Mapping[str, Fault] = {
    "reporting killed": killed("reporting-api", "reporting-worker"),
    "broker killed": Fault(_broker_ends, _broker_starts),
    "worker of surveys killed": killed("surveys-worker"),
    "API of tickets killed": killed("tickets-api"),
    "PostgreSQL ended at once": Fault(_database_ends, _database_starts),
}

FAULTS: Mapping[str, Fault] = {**SINGLE, "all of them at once": all_of(*SINGLE.values())}
