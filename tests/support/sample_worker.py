"""The sample service at work as a process of its own, until it is killed: `… sample_worker URL`."""

import asyncio
import sys

from shared.bus.local import LocalBus
from shared.database import Database
from shared.work import working
from tests.support.sample_service import sample_service, sample_vault


async def work(url: str) -> None:
    database = Database(url)
    service = sample_service()
    bus = LocalBus(
        home=database,
        queues=dict.fromkeys(service.queues, database),
        may_send=lambda sender, _: sender == "sample",
    )
    async with working(service, database, bus, sample_vault()):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
