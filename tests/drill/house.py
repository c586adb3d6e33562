"""What a drill is held in: every service as processes, over a broker and a database of its own."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from standalone.postgres import Postgres
from tests.support.answers import Answers
from tests.support.company import Caller, Company, found_company
from tests.support.databases import Server
from tests.support.rabbitmq import RabbitNode, remove_node, start_node
from tests.support.system import Running, over_rabbitmq

CUSTOMERS = 10
SETTINGS = {"CARELOOP_LOG_LEVEL": "WARNING", "CARELOOP_DATABASE_POOL": "4"}


@dataclass(frozen=True)
class House:
    """A company at work, what stands below it, and what it was answered."""

    folder: Path
    rabbit: RabbitNode
    postgres: Postgres
    company: Company
    customers: Sequence[Caller]
    answers: Answers

    @property
    def running(self) -> Running:
        """Return the processes."""
        return self.company.running


@asynccontextmanager
async def opened(rabbitmq: Path) -> AsyncIterator[House]:
    """Run everything while the block runs; nothing is left behind."""
    folder = Path(tempfile.mkdtemp(prefix="careloop-drill-"))
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        rabbit = await start_node(rabbitmq)
        stack.push_async_callback(remove_node, rabbit)
        postgres = Postgres(folder / "data")
        postgres.start()
        stack.callback(postgres.stop)
        running = await stack.enter_async_context(
            over_rabbitmq(Server(postgres), rabbit.url, folder, SETTINGS)
        )
        company = await found_company(running)
        customers = [
            await company.customer(f"drill{n}", f"drill{n}@example.com") for n in range(CUSTOMERS)
        ]
        answers = Answers()
        answers.watch(running.client)
        yield House(folder, rabbit, postgres, company, customers, answers)
