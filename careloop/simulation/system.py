"""The running system as the simulation's people call it: HTTP only."""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from careloop.tokens import GRANT

API: Final = "/api/v1"
SERVER_ERROR: Final = 500


class ServerError(Exception):
    """The system answered 5xx, which it must never do."""


@dataclass
class System:
    """A client of the system; every call is a person's, with his own token."""

    client: httpx.AsyncClient
    refusals: dict[str, int] = field(default_factory=dict)

    async def token(self, role: str, subject: str | None = None) -> str:
        """Return a token of the development issuer."""
        fields = {"grant_type": GRANT, "role": role} | ({"subject": subject} if subject else {})
        answer = await self.client.post(f"{API}/auth/token", data=fields)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    async def get(self, token: str | None, path: str, **query: Any) -> Any:
        """Ask for something and return it."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = await self.client.get(f"{API}{path}", headers=headers, params=query)
        answer.raise_for_status()
        return answer.json()

    async def post(self, token: str | None, path: str, body: Any = None) -> httpx.Response:
        """Do something; refusals are counted by their code. Raises ServerError for a 5xx."""
        headers = {"Idempotency-Key": str(uuid4())}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        answer = await self.client.post(f"{API}{path}", headers=headers, json=body)
        if answer.status_code >= SERVER_ERROR:
            msg = f"{path} answered {answer.status_code}: {answer.text[:200]}"
            raise ServerError(msg)
        if answer.is_error:
            code = str(answer.json().get("code"))
            self.refusals[code] = self.refusals.get(code, 0) + 1
        return answer
