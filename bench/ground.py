"""What a run stands on: a PostgreSQL and a RabbitMQ of its own, keys, people and their tokens."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from bench.machine import OTHER_CORE, pin
from shared.auth.actor import ActorKind, Role
from shared.auth.tokens import AUDIENCE, STAFF_ISSUER
from shared.crypto.vault import Vault
from shared.migrations import migrate
from shared.settings import CommonSettings
from standalone.compose import PARTS, vaults_of
from standalone.postgres import Postgres, create_databases
from tests.support.found import rabbitmq_home
from tests.support.rabbitmq import RabbitNode, remove_node, start_node

TEAMS: Final = 20
MADE_UP: Final = UUID("b5a1c0de-0000-4000-8000-000000000000")
TOKEN_SECONDS: Final = 4 * 3600

START_SECONDS: Final = 180
"""Two seconds alone; others may use the machine, too."""

SERVER: Final = {
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "autovacuum": "off",  # it would fall into one round and not into the other
    "track_commit_timestamp": "on",  # tells when a closing and its invitation were there
}


def team(number: int) -> UUID:
    """Return the id of a team of the made-up company."""
    return uuid5(MADE_UP, f"team {number % TEAMS}")


def agent(number: int) -> UUID:
    """Return the id of the member of staff who works in the team of this number."""
    return uuid5(MADE_UP, f"agent {number % TEAMS}")


@dataclass
class Ground:
    """The servers and keys of one run."""

    folder: Path
    postgres: Postgres
    rabbit: RabbitNode | None
    common: CommonSettings
    vaults: dict[str, Vault]
    signing_key: ECKey
    tokens: list[str] = field(default_factory=list)

    def url(self, database: str) -> str:
        """Return the address of a database for SQLAlchemy."""
        return self.postgres.url(database)

    def dsn(self, database: str) -> str:
        """Return the address of a database for asyncpg, as the superuser who prepares it."""
        return self.postgres.url(database, role="postgres").replace("+asyncpg", "")

    async def database(self, part: str, name: str) -> None:
        """Make a database with a service's schema."""
        await create_databases(self.postgres, [name])
        service = PARTS[part].create_service(self.common, self.vaults[part])
        await migrate(service, self.url(name))

    def settings(self, **more: str) -> dict[str, str]:
        """Return what a process of ours is told by its environment."""
        plain = {
            "CARELOOP_SECRETS": str(self.common.secrets),
            "CARELOOP_DATABASE_URL": str(self.common.database_url),
        }
        return plain | more

    @property
    def amqp_url(self) -> str:
        """Return the address of the broker. Raises RuntimeError when there is none."""
        if self.rabbit is None:
            raise RuntimeError("RabbitMQ is not on this machine: `make test` fetches it")
        return self.rabbit.url


@asynccontextmanager
async def ground(*, broker: bool = True) -> AsyncIterator[Ground]:
    """Start the servers of a run on the other core; all of it is gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="careloop-bench-") as name:
        folder = Path(name)
        postgres = Postgres(folder / "postgres", settings=SERVER)
        postgres.start()
        assert postgres.process is not None
        pin(postgres.process.pid, OTHER_CORE)
        node = None
        try:
            home = rabbitmq_home() if broker else None
            node = await start_node(home) if home else None
            yield _furnished(folder, postgres, node)
        finally:
            if node is not None:
                await remove_node(node)
            postgres.stop()


def _furnished(folder: Path, postgres: Postgres, node: RabbitNode | None) -> Ground:
    common = CommonSettings(
        secrets=folder / "secrets",
        database_url=postgres.url("DATABASE").replace("DATABASE", "{database}"),
    )
    key = ECKey.generate_key("P-256", {"kid": "bench"})
    public = KeySet([key]).as_dict(private=False)
    (folder / "jwks.json").write_text(json.dumps(public))
    made = Ground(folder, postgres, node, common, vaults_of(common), key)
    made.tokens = [_token(key, agent(number), [Role.AGENT]) for number in range(TEAMS)]
    return made


def _token(key: ECKey, staff_id: UUID, roles: Sequence[Role]) -> str:
    claims = {
        "iss": STAFF_ISSUER,
        "aud": AUDIENCE,
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": str(staff_id),
        "kind": ActorKind.STAFF,
        "roles": list(roles),
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


async def until_listening(port: int) -> None:
    """Return when something answers on a port of this machine. Raises TimeoutError."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return
