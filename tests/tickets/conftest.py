"""The tickets service with people who may call it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from services.tickets.directory.keep_directory import add_unit
from services.tickets.directory.rules import UnitKind
from services.tickets.service import create_service
from services.tickets.settings import TicketSettings
from shared.auth.actor import Role
from shared.clock import utcnow
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.service import Service
from shared.settings import CommonSettings
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People, Person


@dataclass
class Desk:
    """A company with two teams, an agent and a supervisor in the first."""

    service: Service
    database: Database
    people: People
    team: UUID
    other_team: UUID
    agent: Person
    supervisor: Person
    stranger: Person


@pytest.fixture
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    """Open the service's HTTP door on a database of its own."""
    service = create_service(CommonSettings(), VAULT, TicketSettings())
    database = await databases.open(service)
    people = People(create_app(service, Ground(database, VAULT, KEYS)), database)
    async with database.transaction() as session:
        now = utcnow()
        company = await add_unit(
            session, name="公司", kind=UnitKind.COMPANY, parent_id=None, now=now
        )
        teams = [
            await add_unit(session, name=name, kind=UnitKind.TEAM, parent_id=company.id, now=now)
            for name in ("热线一组", "热线二组")
        ]
    team, other = (unit.id for unit in teams)
    yield Desk(
        service=service,
        database=database,
        people=people,
        team=team,
        other_team=other,
        agent=await people.staff(Role.AGENT, units=[team]),
        supervisor=await people.staff(Role.SUPERVISOR, units=[company.id]),
        stranger=await people.staff(Role.AGENT, units=[other]),
    )
    await people.leave()
