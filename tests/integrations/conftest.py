"""The integrations service with its working half, on a bus without a broker."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from services.integrations.notifications.queries import Notice, notice_page
from services.integrations.service import create_service
from services.integrations.settings import IntegrationSettings
from services.integrations.sign_in.keys import ensure_signing_key
from shared.auth.directory import copy_staff
from shared.clock import utcnow
from shared.contracts.tickets import StaffChanged
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.ids import new_id
from shared.outbox.tables import outbox
from shared.service import Service
from shared.settings import CommonSettings
from tests.support.databases import Databases
from tests.support.people import VAULT, People, Person


@dataclass
class Edge:
    """The service, its database, and people with tokens of its own keys."""

    service: Service
    common: CommonSettings
    database: Database
    people: People
    anybody: Person

    async def staff(self, *roles: str, active: bool = True, staff_id: UUID | None = None) -> UUID:
        """Put somebody into the copy of the directory."""
        known = staff_id or new_id()
        changed = StaffChanged(staff_id=known, roles=roles, org_unit_ids=(), active=active)
        async with self.database.transaction() as session:
            await copy_staff(session, changed, epoch=1, sequence=1 if active else 2)
        return known

    async def token(self, **fields: str) -> str:
        """Return a token of the development grant."""
        answer = await self.anybody.client.post(
            "/api/v1/auth/token",
            data={"grant_type": "urn:careloop:development", **fields},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def bearing(self, **fields: str) -> Person:
        """Return somebody with such a token."""
        return self.people.bearing(new_id(), await self.token(**fields))

    async def sweep(self, now: datetime | None = None) -> int:
        """Deliver the notices that are due, one by one; return how many were tried."""
        lane = next(sweep for sweep in self.service.sweeps if sweep.name == "notices_0")
        tried, now = 0, now or utcnow()
        while await lane.run(self.database, now):
            tried += 1
        return tried

    async def notices(self) -> list[Notice]:
        """Return all notices, newest first."""
        async with self.database.transaction() as session:
            return await notice_page(session, VAULT, state=None, before=None, limit=200)

    async def said(self) -> list[tuple[str, dict[str, object]]]:
        """Return the events that were said, oldest first."""
        async with self.database.transaction() as session:
            rows = await session.execute(select(outbox.c.type, outbox.c.data).order_by(outbox.c.id))
            return [(row.type, row.data) for row in rows]


class Edges(Protocol):
    """Opens a service; everything has a default."""

    async def __call__(
        self,
        *,
        smtp_url: str | None = None,
        database: Database | None = None,
        own: Mapping[str, object] | None = None,
        **common: object,
    ) -> Edge:
        """Return the service on a database of its own, or on one that is there.

        `own` are settings of this service, `common` those of all.
        """


@pytest.fixture
async def edges(databases: Databases, tmp_path: Path) -> AsyncIterator[Edges]:
    """Give out services: `await edges(development=False, smtp_url=…)`."""
    async with AsyncExitStack() as stack:

        async def opened(
            *,
            smtp_url: str | None = None,
            database: Database | None = None,
            own: Mapping[str, object] | None = None,
            **common: object,
        ) -> Edge:
            settings = CommonSettings.model_validate(
                {"secrets": tmp_path / "secrets", "development": True} | common
            )
            ensure_signing_key(settings.secrets)
            mail = {
                "smtp_url": SecretStr(smtp_url) if smtp_url else None,
                "sender_address": "care@gas.example",
            }
            chosen = IntegrationSettings.model_validate(mail | dict(own or {}))
            service = create_service(settings, VAULT, chosen)
            assert service.keys is not None
            database = database or await databases.open(service)
            people = People(create_app(service, Ground(database, VAULT, service.keys)), database)
            stack.push_async_callback(people.leave)
            return Edge(service, settings, database, people, people.bearing(new_id(), None))

        yield opened


@pytest.fixture
async def edge(edges: Edges) -> Edge:
    """Open the service as the local edition has it: in development, without mail."""
    return await edges()
