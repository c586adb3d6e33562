"""The small service of `tests/shared/http` behind a front of the test's choice."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from shared.auth.actor import ActorKind, Role
from shared.http.app import Ground, create_app
from shared.http.front import Front
from shared.ids import new_id
from tests.shared.http.conftest import Small, broken, router
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People, token
from tests.support.sample_service import sample_service

Behind = Callable[[Front], Awaitable[Small]]


@pytest.fixture
async def behind(databases: Databases) -> AsyncIterator[Behind]:
    """Open the small service: `await behind(Front(…))`."""
    async with AsyncExitStack() as stack:

        async def opened(front: Front) -> Small:
            service = replace(sample_service(), routers=(router, broken))
            database = await databases.open(service)
            app = create_app(service, Ground(database, VAULT, KEYS, front))
            people = People(app, database)
            stack.push_async_callback(people.leave)
            known = new_id()
            bearer = token(ActorKind.CUSTOMER, known, [Role.CUSTOMER])
            return Small(app, database, people, bearer, people.bearing(known, bearer))

        yield opened
