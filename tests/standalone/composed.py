"""The whole system in this process, on databases of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from shared.migrations import migrate
from shared.settings import CommonSettings
from standalone.compose import NAMES, System, composed, services_of, vaults_of
from standalone.postgres import create_databases
from tests.support.databases import Databases

ORIGIN = "http://careloop.test"
GRANT = "urn:careloop:development"


@asynccontextmanager
async def system_of_its_own(databases: Databases, folder: Path) -> AsyncIterator[System]:
    """Compose all services as `careloop run` does, without its port."""
    postgres, prefix = databases.server.postgres, f"t{uuid4().hex[:8]}"
    common = CommonSettings(
        database_url=postgres.url("DATABASE").replace("DATABASE", "{database}"),
        database_prefix=prefix,
        secrets=folder / "secrets",
        public_url=ORIGIN,
        development=True,
    )
    await create_databases(postgres, [f"{prefix}_{name}" for name in NAMES])
    try:
        for service in services_of(common, vaults_of(common)).values():
            await migrate(service, service.url(common))
        async with composed(common) as system:
            yield system
    finally:
        for name in NAMES:
            await databases.server.drop(common.database_url_of(name))


@asynccontextmanager
async def asking(system: System) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client of the system."""
    transport = httpx.ASGITransport(system.gateway)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


async def manager(client: httpx.AsyncClient) -> dict[str, str]:
    """Return the header of somebody who may see all figures."""
    answer = await client.post("/api/v1/auth/token", data={"grant_type": GRANT, "role": "manager"})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def seen(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    """Return what the manager is shown."""
    answer = await client.get(f"/api/v1{path}", headers=await manager(client), params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()
