import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.shared.bus.worlds import RabbitWorld, World, local_world
from tests.support.databases import Databases
from tests.support.rabbitmq import RabbitNode

MakeWorld = Callable[..., Awaitable[World]]


@dataclass
class Broker:
    """Where RabbitMQ is; `node` is the one of the tests, which may be killed."""

    url: str
    node: RabbitNode | None


@pytest.fixture
def broker(request: pytest.FixtureRequest) -> Broker:
    url: str = request.getfixturevalue("amqp_url")
    own = "CARELOOP_TEST_AMQP_URL" not in os.environ
    return Broker(url, request.getfixturevalue("rabbit") if own else None)


@pytest.fixture(params=["local", pytest.param("rabbit", marks=pytest.mark.rabbit)])
def below(request: pytest.FixtureRequest) -> Broker | None:
    """Stand for what lies under the bus: a broker, or nothing but the databases."""
    return request.getfixturevalue("broker") if request.param == "rabbit" else None


@pytest.fixture
async def make_world(below: Broker | None, databases: Databases) -> AsyncIterator[MakeWorld]:
    """Build the world of a test on either bus: `await make_world(delivery_limit=3)`."""
    made: list[World] = []

    async def make(delivery_limit: int = 100) -> World:
        world: World
        if below is None:
            world = await local_world(databases, delivery_limit)
        else:
            world = RabbitWorld(delivery_limit, url=below.url, node=below.node)
        made.append(world)
        return world

    yield make
    for world in made:
        await world.close()
