"""The reporting service with people who may call it, and a bus that hands it what was said."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.reporting.facts.fold import fold_next
from services.reporting.service import create_service
from shared.auth.actor import Role
from shared.bus.interface import Delivery, Message
from shared.clock import utcnow
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.inbox.receive import Inbox, receive_into
from shared.service import Service
from shared.settings import CommonSettings
from tests.reporting.lives import TEAMS
from tests.reporting.spoken import categories, organisation
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People, Person

ZONE = ZoneInfo("Asia/Shanghai")
TEAM, OTHER_TEAM = (team for team in TEAMS if team is not None)


@dataclass
class Desk:
    """A company with two teams, and who asks for figures."""

    service: Service
    database: Database
    people: People
    manager: Person
    supervisor: Person
    stranger: Person
    operator: Person

    async def hear(self, messages: Sequence[Message], *, at_once: int = 7) -> None:
        """Deliver messages to the service's own queue, in this order, a few at a time."""
        box = Inbox("reporting", self.database, self.service.handlers, VAULT, utcnow)
        receive = receive_into(box, self.service.queues[0])
        waiting = [Delivery(one, 0, redelivered=False) for one in messages]
        for first in range(0, len(waiting), at_once):
            assert await receive(waiting[first : first + at_once]) == {}

    async def fold(self) -> int:
        """Fold all that waits; return how many events."""
        folded = 0
        while now := await fold_next(self.database, ZONE):
            folded += now
        return folded

    async def figures(self, person: Person, metric: str, **asked: Any) -> dict[str, Any]:
        """Ask for a metric over all of the lives, unless another period is asked for."""
        period = {"from": "2025-10-01", "to": "2026-06-30"}
        answer = await person.client.get(
            "/api/v1/figures", params={"metric": metric} | period | asked
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    """Open the service's doors on a database of its own that knows the organisation."""
    service = create_service(CommonSettings(), VAULT)
    database = await databases.open(service)
    people = People(create_app(service, Ground(database, VAULT, KEYS)), database)
    opened = Desk(
        service=service,
        database=database,
        people=people,
        manager=await people.staff(Role.MANAGER),
        supervisor=await people.staff(Role.SUPERVISOR, units=[TEAM]),
        stranger=await people.staff(Role.SUPERVISOR, units=[OTHER_TEAM]),
        operator=await people.staff(Role.OPERATOR),
    )
    await opened.hear([*organisation(), *categories()])
    await opened.fold()
    yield opened
    await people.leave()
