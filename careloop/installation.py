"""The installation that a command is about: its settings, its services, its databases."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.crypto.vault import Vault
from shared.database import Database
from shared.service import Service
from shared.settings import PREFIX, CommonSettings, refuse_unknown_settings
from standalone.compose import NAMES, PARTS, services_of, vaults_of
from standalone.place import DATA, StartError, place
from standalone.postgres import Postgres
from standalone.run import own_database, settings_of

OTHER_VARIABLES: Final = (
    "CARELOOP_POSTGRES_BIN",
    "CARELOOP_TEST_AMQP_URL",
    "CARELOOP_TEST_CHROMIUM",
    "CARELOOP_TEST_COMPOSE",
    "CARELOOP_TEST_DATA",
    "CARELOOP_TEST_POSTGRES_BIN",
)
"""Read by who starts PostgreSQL and by the tests, not by a service."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What a command works with; databases are opened when they are asked for."""

    common: CommonSettings
    services: dict[str, Service]
    vaults: dict[str, Vault]

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[Database]:
        """Open a service's database while the block runs."""
        database = self.services[service].database(self.common)
        try:
            yield database
        finally:
            await database.dispose()


def check_settings() -> None:
    """Raise InstallationError for a `CARELOOP_` variable or file that nobody reads."""
    refuse_unknown_settings(
        (CommonSettings, *(part.SETTINGS for part in PARTS.values())), OTHER_VARIABLES
    )


def installation() -> Installation:
    """Return the installation of this folder. Raises StartError when its database is not there."""
    check_settings()
    return _installation(_running_database())


@contextmanager
def at_rest() -> Iterator[Installation]:
    """Open the installation of this folder while nothing serves; its PostgreSQL runs meanwhile.

    Raises PostgresError when the system of this folder runs, or cannot.
    """
    check_settings()
    with own_database(place()) as url:
        yield _installation(url)


@contextmanager
def running_or_at_rest() -> Iterator[Installation]:
    """Open the installation of this folder, whether it serves now or not."""
    with at_rest() if _is_stopped() else nullcontext(installation()) as here:
        yield here


def secrets_folder() -> Path:
    """Return where the keys of this folder's installation are, or should be."""
    return settings_of(place(), None, place().port).secrets


def _installation(url: str | None) -> Installation:
    common = settings_of(place(), url, place().port)
    vaults = vaults_of(common)
    return Installation(common, services_of(common, vaults), vaults)


def service_named(name: str) -> str:
    """Return the name. Raises StartError when there is no such service."""
    if name not in NAMES:
        msg = f"There is no service {name}: choose one of {', '.join(NAMES)}."
        raise StartError(msg)
    return name


def _is_stopped() -> bool:
    """Return whether the folder has a PostgreSQL of its own that does not run."""
    data = DATA / "postgres"
    named = bool(os.environ.get(f"{PREFIX}DATABASE_URL"))
    return not named and data.exists() and not Postgres(data).sockets.exists()


def _running_database() -> str | None:
    """Return the address of the folder's own PostgreSQL, None when another one is named."""
    if os.environ.get(f"{PREFIX}DATABASE_URL"):
        return None
    server = Postgres(DATA / "postgres")
    if not server.sockets.exists():
        msg = f"Nothing runs on {DATA}: start it with `make run`, or set {PREFIX}DATABASE_URL."
        raise StartError(msg)
    return server.url("DATABASE").replace("DATABASE", "{database}")
