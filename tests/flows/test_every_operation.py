"""Every documented operation, asked in ways that nobody would think of, answers as documented."""

import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import AuthContext
from schemathesis.checks import (
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
)

from tests.support.processes import Process, free_ports

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60
EXAMPLES = int(os.environ.get("CARELOOP_TEST_EXAMPLES", "2"))
"""Of each operation, besides the limits of every field, which are always tried."""

ROLES = (
    ("/api/v1/my/", "customer"),
    ("/audit", "auditor"),
    ("/dead-letters", "operator"),
    ("/rebuild", "operator"),
    ("/api/v1/notifications", "operator"),
    ("/api/v1/accounts", "admin"),
    ("/api/v1/webhook", "admin"),
    ("/api/v1/partners", "admin"),
    ("/api/v1/inbound", "admin"),
    ("/api/v1/intake", "partner"),
    ("/api/v1/staff", "admin"),
    ("/api/v1/org-units", "admin"),
    ("/api/v1/tickets", "supervisor"),
    ("/api/v1/customers", "agent"),
    ("", "manager"),
)
"""Who asks for a path: the first part that is in it says."""

schema = schemathesis.openapi.from_path(ROOT / "docs" / "openapi.json")


LENIENT = {"/dashboard", "/api/v1/books", "/api/v1/figures", "/api/v1/figures/explain"}
"""A form that filters sends its empty fields too, and a page asks first who it is."""


class Running:
    """The whole system as `make run` starts it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._tokens: dict[str, str] = {}

    def token(self, role: str) -> str:
        """Return a token; the directory needs a moment until everybody has heard of its people."""
        return self._tokens.setdefault(role, "") or self._ask(role)

    def _ask(self, role: str) -> str:
        grant = {"grant_type": "urn:careloop:development", "role": role}
        if role == "partner":
            grant = {"grant_type": "client_credentials"} | self._new_partner()
        answer = _patiently(lambda: httpx.post(f"{self.url}/api/v1/auth/token", data=grant))
        self._tokens[role] = answer.json()["access_token"]
        return self._tokens[role]

    def _new_partner(self) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {self.token('admin')}",
            "Idempotency-Key": str(uuid4()),
        }
        body = {"name": "一个合作方", "scopes": ["tickets:write", "customers:write"]}
        url = f"{self.url}/api/v1/partners"
        made = _patiently(lambda: httpx.post(url, json=body, headers=headers)).json()
        return {"client_id": made["id"], "client_secret": made["client_secret"]}


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    folder, (port,) = tmp_path_factory.mktemp("system"), free_ports(1)
    process = Process("run", ("run",), folder, {"PORT": str(port), "DEMO": "0"})
    process.start()
    try:
        url = f"http://127.0.0.1:{port}"
        _patiently(lambda: httpx.get(f"{url}/readyz"))
        yield Running(url)
    finally:
        await process.end()
        sys.stdout.write(process.tail())


def _patiently(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Return the first answer that is a good one."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            answer = ask()
        except httpx.TransportError:
            assert time.monotonic() < deadline, "nobody answers"
        else:
            if answer.is_success:
                return answer
            assert time.monotonic() < deadline, answer.text
        time.sleep(0.05)


@schema.auth()
class SignedIn:
    """Writes the role of who may ask; cases are made before a system runs that gives tokens."""

    def get(self, case: schemathesis.Case[Any], _context: AuthContext) -> str:
        return next(role for part, role in ROLES if part in case.path)

    def set(self, case: schemathesis.Case[Any], data: str, _context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_operation_answers_as_documented(case: schemathesis.Case[Any], running: Running) -> None:
    for role in {role for _, role in ROLES}:
        if case.headers.get("Authorization") == f"Bearer {role}":
            case.headers["Authorization"] = f"Bearer {running.token(role)}"
    if case.method == "POST" and "Idempotency-Key" not in case.headers:
        case.headers["Idempotency-Key"] = str(uuid4())
    excluded = [
        positive_data_acceptance,  # most ids that fit the form belong to nothing
        missing_required_header,  # of the key of a POST, which was set just above
        *([negative_data_rejection] if case.path in LENIENT else []),
    ]
    case.call_and_validate(base_url=running.url, excluded_checks=excluded)
