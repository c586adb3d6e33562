"""The running system as the simulation's people call it: HTTP only."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from careloop.tokens import GRANT

API: Final = "/api/v1"
SERVER_ERROR: Final = 500
PATIENCE_SECONDS: Final = 60
LOOK_AGAIN_SECONDS: Final = 0.3


class ServerError(Exception):
    """The system answered 5xx, which it must never do, or did not do what it must."""


@dataclass
class System:
    """A client of the system; every call is a person's, with his own token."""

    client: httpx.AsyncClient
    refusals: Counter[str] = field(default_factory=Counter)

    async def token(self, role: str, subject: str | None = None) -> str:
        """Return a token of the development issuer."""
        answer = await self._ask_for_token(role, subject)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    async def token_when_known(self, role: str, subject: str) -> str:
        """Return a token of somebody who was hired a moment ago."""

        async def look() -> str | None:
            answer = await self._ask_for_token(role, subject)
            return str(answer.json()["access_token"]) if answer.is_success else None

        return str(await wait_for(look, f"the issuer knows the new {role}"))

    async def get(self, token: str | None, path: str, **query: Any) -> Any:
        """Ask for something and return it."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = await self.client.get(f"{API}{path}", headers=headers, params=query)
        answer.raise_for_status()
        return answer.json()

    async def post(self, token: str | None, path: str, body: Any = None) -> httpx.Response:
        """Do something; refusals are counted by their code. Raises ServerError for a 5xx."""
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        # json.dumps escapes what is not ASCII, lone surrogates too: the system has to refuse them
        content = None if body is None else json.dumps(body)
        answer = await self.client.post(f"{API}{path}", headers=headers, content=content)
        if answer.status_code >= SERVER_ERROR:
            msg = f"{path} answered {answer.status_code}: {answer.text[:200]}"
            raise ServerError(msg)
        if answer.is_error:
            self.refusals[str(answer.json().get("code"))] += 1
        return answer

    async def _ask_for_token(self, role: str, subject: str | None) -> httpx.Response:
        fields = {"grant_type": GRANT, "role": role} | ({"subject": subject} if subject else {})
        return await self.client.post(f"{API}/auth/token", data=fields)


async def wait_for(look: Any, what: str, patience: float = PATIENCE_SECONDS) -> Any:
    """Look until something is there and return it. Raises ServerError when it never comes."""
    try:
        async with asyncio.timeout(patience):
            while (found := await look()) is None:  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
            return found
    except TimeoutError as error:
        msg = f"waited {patience:g} s in vain until {what}"
        raise ServerError(msg) from error
