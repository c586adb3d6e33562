"""The system in each of its editions, with a company in it."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.support.company import Company, found_company
from tests.support.composed import in_containers
from tests.support.databases import Server
from tests.support.found import missing, postgres15
from tests.support.system import Running, over_rabbitmq, standalone

CONFIRMATION_SECONDS = "6"
"""Long enough to confirm in time on a machine that does everything at once."""

SETTINGS = {"CARELOOP_TICKETS_CONFIRMATION_SECONDS": CONFIRMATION_SECONDS}

COMPOSE = os.environ.get("CARELOOP_TEST_COMPOSE")
"""`docker compose`, or what does the same: then the flows run in containers."""

EDITIONS = (
    ("in containers",)
    if COMPOSE
    else ("standalone", pytest.param("over RabbitMQ", marks=pytest.mark.rabbit))
)

EVERY_EDITION = (
    *EDITIONS,
    *(
        ()
        if COMPOSE
        else (pytest.param("standalone on PostgreSQL 15", marks=pytest.mark.postgres15),)
    ),
)
"""For the headline loop; other flows differ from it in what they do, not in their SQL."""


Edition = Callable[[Path, Mapping[str, str]], AbstractAsyncContextManager[Running]]


@pytest.fixture
def processes(server: Server, amqp_url: str) -> Edition:
    """Return what runs every service as an API and a worker of its own."""
    return partial(over_rabbitmq, server, amqp_url)


@pytest.fixture
def in_one() -> Edition:
    """Return what runs everything in one process."""
    return partial(standalone, None)


@pytest.fixture(params=EDITIONS)
def edition(request: pytest.FixtureRequest) -> Edition:
    """Return what runs an edition."""
    if request.param == "in containers":
        return partial(in_containers, str(COMPOSE))
    if request.param == "over RabbitMQ":
        found: Edition = request.getfixturevalue("processes")
        return found
    binaries = postgres15() if "15" in request.param else None
    if "15" in request.param and binaries is None:
        missing("PostgreSQL 15", "apt install postgresql-15")
    return partial(standalone, binaries)


@pytest.fixture
async def company(edition: Edition, tmp_path: Path) -> AsyncIterator[Company]:
    """Run an edition, and hire people in it."""
    async with edition(tmp_path, SETTINGS) as running:
        yield await found_company(running)
