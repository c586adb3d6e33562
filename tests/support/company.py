"""People of a running system, who do everything through its HTTP doors."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from tests.support.patience import sooner_or_later
from tests.support.system import Running

GRANT = "urn:careloop:development"

INSISTS_SECONDS = 180.0
"""What was killed has to start again."""


@dataclass(frozen=True)
class Caller:
    """Somebody with a token."""

    id: str
    client: httpx.AsyncClient
    token: str | None

    async def get(self, path: str, **query: Any) -> Any:
        """Return what is shown; it must be."""
        answer = await self.client.get(f"/api/v1{path}", params=query, headers=self._headers())
        assert answer.status_code == httpx.codes.OK, f"{path}: {answer.text}"
        return answer.json()

    async def post(self, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """Do something, with a new Idempotency-Key unless one is given."""
        headers = self._headers() | {"Idempotency-Key": key or str(uuid4())}
        return await self.client.post(f"/api/v1{path}", json=body, headers=headers)

    async def does(self, path: str, body: Any = None, key: str | None = None) -> Any:
        """Do something that must succeed, and return what is answered."""
        answer = await self.post(path, body, key)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def insists(self, path: str, body: Any = None) -> Any:
        """Do something, again and with the same key while the line breaks, as clients should.

        A service without its database says so, and when to come again.
        """
        key = str(uuid4())

        async def tried() -> tuple[Any] | None:
            try:
                answer = await self.post(path, body, key)
            except httpx.TransportError:
                return None
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                assert answer.headers["Content-Type"] == "application/problem+json"
                assert answer.json()["code"] == "unavailable"
                assert int(answer.headers["Retry-After"]) > 0
                return None
            assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
            return (answer.json() if answer.content else None,)

        return (await sooner_or_later(tried, patience=INSISTS_SECONDS))[0]

    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class Company:
    """An agent and a supervisor of one team, and who looks at the figures."""

    running: Running
    agent: Caller
    manager: Caller
    operator: Caller

    async def customer(self, name: str, email: str | None = None) -> Caller:
        """Add a customer, and sign in as he."""
        added = await self.agent.does("/customers", {"name": name, "email": email})
        return await somebody(self.running, "customer", added["id"])

    async def figures(self, *metrics: str, field: str = "value") -> dict[str, Any]:
        """Return a field of each metric, over everything."""
        found = {}
        for metric in metrics:
            shown = await self.manager.get("/figures", metric=metric)
            found[metric] = shown["figure"][field]
        return found

    async def books(self) -> dict[str, Any]:
        """Return the books, without the time at which they were read."""
        shown: dict[str, Any] = await self.manager.get("/books")
        return {name: value for name, value in shown.items() if name != "as_of"}


async def found_company(running: Running) -> Company:
    """Hire a team below the company that there is."""
    admin = await somebody(running, "admin")
    root = (await admin.get("/org-units"))["data"][0]["id"]
    team = await admin.does("/org-units", {"name": "热线二组", "kind": "team", "parent_id": root})
    hired = await admin.does(
        "/staff", {"name": "小林", "roles": ["agent"], "org_unit_ids": [team["id"]]}
    )
    return Company(
        running,
        agent=await somebody(running, "agent", hired["id"]),
        manager=await somebody(running, "manager"),
        operator=await somebody(running, "operator"),
    )


async def somebody(running: Running, role: str, subject: str | None = None) -> Caller:
    """Return somebody with the role, as soon as every service knows him."""
    fields = {"grant_type": GRANT, "role": role} | ({"subject": subject} if subject else {})

    async def look() -> dict[str, Any] | None:
        answer = await running.client.post("/api/v1/auth/token", data=fields)
        found: dict[str, Any] = answer.json()
        return found if answer.is_success else None

    token = await sooner_or_later(look)
    known = Caller(token["subject"], running.client, token["access_token"])
    if role in {"manager", "operator"}:
        await sooner_or_later(lambda: _is_known(known, role))
    return known


async def _is_known(caller: Caller, role: str) -> bool | None:
    """Return whether reporting has its copy of somebody's rights."""
    paths = {"manager": "/metrics", "operator": "/reporting/dead-letters"}
    headers = {"Authorization": f"Bearer {caller.token}"}
    answer = await caller.client.get(f"/api/v1{paths[role]}", headers=headers)
    return answer.is_success or None
