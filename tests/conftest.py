"""What every test may ask for; how each thing works stands in `tests/support`."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser

from standalone.postgres import Postgres
from tests.support.browser import launched
from tests.support.databases import Databases, Server
from tests.support.found import missing, postgres15, rabbitmq_home
from tests.support.rabbitmq import RabbitNode, remove_node, start_node


@contextmanager
def _temporary_server(binaries: Path | None) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="careloop-postgres-"))
    postgres = Postgres(folder / "data", durable=False, binaries=binaries)
    try:
        postgres.start()
        yield Server(postgres)
    finally:
        postgres.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The PostgreSQL of this run: the embedded one, or that of CARELOOP_TEST_POSTGRES_BIN."""
    named = os.environ.get("CARELOOP_TEST_POSTGRES_BIN")
    with _temporary_server(Path(named) if named else None) as started:
        yield started


@pytest.fixture(scope="session")
def server15() -> Iterator[Server]:
    """The oldest PostgreSQL that is promised to work."""
    binaries = postgres15()
    if binaries is None:
        missing("PostgreSQL 15", "apt install postgresql-15")
    with _temporary_server(binaries) as started:
        yield started


@pytest.fixture(
    scope="session",
    params=["server", pytest.param("server15", marks=pytest.mark.postgres15)],
)
def each_server(request: pytest.FixtureRequest) -> Server:
    """Run the test on the embedded PostgreSQL and once more on version 15."""
    started: Server = request.getfixturevalue(request.param)
    return started


@pytest.fixture
async def databases(server: Server) -> AsyncIterator[Databases]:
    """Give out fresh databases: `await databases.open(service)`."""
    given = Databases(server)
    yield given
    await given.close()


@pytest.fixture
async def databases_on_each(each_server: Server) -> AsyncIterator[Databases]:
    """Give out fresh databases on the embedded PostgreSQL, and once more on version 15."""
    given = Databases(each_server)
    yield given
    await given.close()


@pytest.fixture(scope="session")
def rabbit_programs() -> Path:
    """The RabbitMQ of this machine, for a test that wants a node of its own."""
    home = rabbitmq_home()
    if home is None:
        missing("RabbitMQ", "make test fetches it; or apt install rabbitmq-server")
    return home


@pytest.fixture(scope="session")
async def rabbit(rabbit_programs: Path) -> AsyncIterator[RabbitNode]:
    """Run a private node that the whole run shares; a test names its queues with its own prefix."""
    node = await start_node(rabbit_programs)
    yield node
    await remove_node(node)


@pytest.fixture(scope="session")
def amqp_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a broker: CARELOOP_TEST_AMQP_URL, else the private node."""
    named = os.environ.get("CARELOOP_TEST_AMQP_URL")
    if named:
        return named
    node: RabbitNode = request.getfixturevalue("rabbit")
    return node.url


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Run a Chromium that the whole run shares; `tests.support.browser` opens phones and desks."""
    async with launched() as started:
        yield started
