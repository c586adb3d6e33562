from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.faults.broker.workshop import Workshop, workshop
from tests.support.databases import Databases
from tests.support.rabbitmq import RabbitNode

OpenWorkshop = Callable[..., Awaitable[Workshop]]


@pytest.fixture
async def workshop_at(databases: Databases) -> AsyncIterator[OpenWorkshop]:
    """Run a workshop over any broker: `await workshop_at(url)`."""
    async with AsyncExitStack() as stack:

        async def opened(url: str, *, made_at: str | None = None) -> Workshop:
            return await stack.enter_async_context(workshop(databases, url, made_at=made_at))

        yield opened


@pytest.fixture
async def shop(workshop_at: OpenWorkshop, rabbit: RabbitNode) -> Workshop:
    """Run a workshop over the node of this run."""
    return await workshop_at(rabbit.url)
