"""The system in containers: docker-compose.yml as it is, with ports of its own and mail to us.

CARELOOP_TEST_COMPOSE names the command: `docker compose`, or one that understands the same. The
images are those that `docker compose build` has made.
"""

import asyncio
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import httpx

from services.integrations.sign_in.keys import SigningKeys
from services.integrations.sign_in.make_secrets import make_secrets
from shared.auth.actor import ActorKind, Role
from shared.auth.directory import rights_of
from shared.auth.tokens import AUDIENCE
from shared.database import Database
from standalone.compose import NAMES
from tests.support.first_company import ADMIN, PASSWORD, ROLE_OPTIONS, make_company
from tests.support.mail_server import mail_server
from tests.support.people import ISSUERS
from tests.support.processes import environment_with, free_ports
from tests.support.system import LIMITS, Running

ROOT = Path(__file__).parents[2]
START_SECONDS = 300
"""Twelve containers and five migrations on a machine that does everything at once."""

OVERRIDE = """
services:
  postgres:
    networks: [ground, front]
    ports: ["127.0.0.1:{port}:5432"]
"""


@dataclass(frozen=True)
class Composed:
    """A composed system, and the command that it is run with."""

    running: Running
    compose: "Compose"


@dataclass(frozen=True)
class Compose:
    """`docker compose` for one project of the tests."""

    command: tuple[str, ...]
    environment: Mapping[str, str]

    async def __call__(self, *arguments: str, said: str = "") -> str:
        """Run it to its end and return what it printed. Raises AssertionError when it failed."""
        process = await asyncio.create_subprocess_exec(
            *self.command,
            *arguments,
            cwd=ROOT,
            env=dict(self.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await process.communicate(said.encode())
        assert process.returncode == 0, f"{arguments}: {out.decode()} {err.decode()}"
        return out.decode()


class OwnIssuer(httpx.AsyncBaseTransport):
    """Signs the tokens of our people itself: who has the installation's secrets may.

    Containers have no development sign-in; the tests ask for its tokens as everywhere else.
    """

    def __init__(self, keys: SigningKeys, directory: Database) -> None:
        self._keys = keys
        self._directory = directory
        self._first: UUID | None = None
        self._http = httpx.AsyncHTTPTransport(limits=LIMITS, trust_env=False)

    def hired(self, first: UUID) -> None:
        """Take somebody for every role that is asked for without a name."""
        self._first = first

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/auth/token":
            form = parse_qs((await request.aread()).decode())
            if form["grant_type"] == ["urn:careloop:development"]:
                return await self._issue(form["role"][0], form.get("subject", [None])[0])
        return await self._http.handle_async_request(request)

    async def _issue(self, role: str, subject: str | None) -> httpx.Response:
        person = UUID(subject) if subject else self._first
        kind = ActorKind.CUSTOMER if role == Role.CUSTOMER else ActorKind.STAFF
        if person is None or not (kind is ActorKind.CUSTOMER or await self._known(person)):
            return httpx.Response(400, json={"error": "nobody"})
        claims: dict[str, Any] = {"iss": ISSUERS[kind], "aud": AUDIENCE, "kind": kind}
        claims |= {"sub": str(person), "roles": [role], "exp": int(time.time()) + 3600}
        token = self._keys.sign(claims)
        return httpx.Response(200, json={"access_token": token, "subject": str(person)})

    async def _known(self, person: UUID) -> bool:
        async with self._directory.transaction() as session:
            return await rights_of(session, person) is not None

    async def aclose(self) -> None:
        await self._http.aclose()


@asynccontextmanager
async def composed(
    command: str, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[Composed]:
    """Run the composed system from nothing, and remove it with its data at the end."""
    port, database_port = free_ports(2)
    secrets, own, address = folder / "secrets", folder / "settings.env", _own_address()
    make_secrets(secrets)
    async with AsyncExitStack() as stack:
        mails = await stack.enter_async_context(mail_server(host=address))
        given = {"CARELOOP_INTEGRATIONS_SMTP_URL": mails.url, **settings}
        own.write_text("".join(f"{name}={value}\n" for name, value in given.items()))
        override = folder / "compose.yml"
        override.write_text(OVERRIDE.format(port=database_port))
        files = ("-f", str(ROOT / "docker-compose.yml"), "-f", str(override))
        compose = Compose(
            (*command.split(), "-p", f"careloop-{uuid4().hex[:8]}", *files),
            environment_with(
                {
                    "SECRETS": str(secrets),
                    "SETTINGS": str(own),
                    "PORT": str(port),
                    "HOST": "127.0.0.1",
                }
            ),
        )
        stack.push_async_callback(
            compose, "down", "--volumes", "--remove-orphans", "--timeout", "10"
        )
        await compose("up", "--detach")
        databases = {
            name: Database(_address(secrets, database_port, name), pool_size=2) for name in NAMES
        }
        for database in databases.values():
            stack.push_async_callback(database.dispose)
        issuer = OwnIssuer(SigningKeys(secrets / "sign-in"), databases["integrations"])
        client = httpx.AsyncClient(
            transport=issuer, base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False
        )
        await stack.enter_async_context(client)
        running = Running(client, mails, {}, databases)
        await answers_everywhere(client)
        issuer.hired(await _first_admin(compose, client))
        yield Composed(running, compose)


@asynccontextmanager
async def in_containers(
    command: str, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[Running]:
    """Run the composed system as an edition of the flows."""
    async with composed(command, folder, settings) as system:
        yield system.running


async def answers_everywhere(client: httpx.AsyncClient) -> None:
    """Return when every service refuses who has no token. Raises AssertionError when it is late."""
    paths = ("tickets", "invitations", "loop-cases", "figures", "partners")
    deadline, found = time.monotonic() + START_SECONDS, [0]
    while set(found) != {httpx.codes.UNAUTHORIZED}:
        assert time.monotonic() < deadline, dict(zip(paths, found, strict=True))
        await asyncio.sleep(0.5)
        try:
            found = [(await client.get(f"/api/v1/{path}")).status_code for path in paths]
        except httpx.TransportError:
            found = [0] * len(paths)


async def _first_admin(compose: Compose, client: httpx.AsyncClient) -> UUID:
    """Make the first account by the commands of docs/containers.md, and the company by it."""
    run = ("exec", "-T", "{service}-api", "python", "-m", "careloop.part", "{service}")

    def to(service: str) -> list[str]:
        return [word.format(service=service) for word in run]

    for service in ("tickets", "integrations"):
        await _healthy(compose, f"{service}-api")
    hired = (await compose(*to("tickets"), "hire", ADMIN, *ROLE_OPTIONS)).strip().splitlines()[-1]
    await compose(*to("integrations"), "account", ADMIN, hired, said=f"{PASSWORD}\n")
    await make_company(client)
    return UUID(hired)


async def _healthy(compose: Compose, name: str) -> None:
    """Return when a container says that it is. Raises AssertionError when it never does."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            await compose("exec", "-T", name, "python", "-SE", "/app/health.py")
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        else:
            return


def _address(secrets: Path, port: int, service: str) -> str:
    password = (secrets / service / "careloop_database_password").read_text()
    user = f"careloop_{service}"
    return f"postgresql+asyncpg://{user}:{password}@127.0.0.1:{port}/{user}"


def _own_address() -> str:
    """Return the address of this machine under which its containers find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))  # sends nothing: it only chooses the way
        return str(asked.getsockname()[0])
