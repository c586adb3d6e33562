"""What `make faults` gives its tests: systems that may be broken, and a table of what was seen."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from tests.flows.conftest import Edition
from tests.support.databases import Server
from tests.support.rabbitmq import RabbitNode
from tests.support.system import Running, over_rabbitmq, standalone

SEEN = pytest.StashKey[list[str]]()

Note = Callable[[str], None]
"""Adds a line to the table at the end of the run: a figure that is shown, not judged."""


@pytest.fixture
def processes(server: Server, rabbit: RabbitNode) -> Edition:
    """Return what runs every service as an API and a worker of its own, over a broker to kill."""
    return partial(over_rabbitmq, server, rabbit.url)


@pytest.fixture
def in_one() -> Edition:
    """Return what runs everything in one process."""
    return partial(standalone, None)


@pytest.fixture
def in_one_with_broker(rabbit: RabbitNode) -> Edition:
    """Return what runs everything in one process that speaks over a broker to kill."""
    broker = {"CARELOOP_AMQP_URL": rabbit.url, "CARELOOP_AMQP_PREFIX": f"t{uuid4().hex[:8]}"}

    def run(folder: Path, settings: Mapping[str, str]) -> AbstractAsyncContextManager[Running]:
        return standalone(None, folder, {**broker, **settings})

    return run


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Return what notes a figure under the name of the test."""
    seen = request.config.stash.setdefault(SEEN, [])
    name = request.node.name.removeprefix("test_").replace("_", " ")

    def write(line: str) -> None:
        seen.append(f"{name}: {line}")

    return write


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if seen := config.stash.get(SEEN, []):
        terminalreporter.section("what was seen, on this machine")
        for line in seen:
            terminalreporter.write_line(line)
