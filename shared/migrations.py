"""Bring a service's database to the present schema: the common tables first, then its own.

One actor at a time (advisory lock); every step waits at most LOCK_TIMEOUT for a table, so that a
migration beside a serving process gives up instead of stopping it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from shared.clock import utcnow
from shared.database import Database, Session
from shared.errors import InstallationError
from shared.locks import MIGRATE
from shared.partitions import ensure_partitions
from shared.service import Service

OLDEST_POSTGRES = 15

LOCK_TIMEOUT = "3s"
"""A statement that waits longer for its lock would queue every request behind it."""


@dataclass(frozen=True, slots=True)
class History:
    """A line of migrations and the table that says how far a database has come."""

    folder: Path
    version_table: str

    @property
    def script(self) -> ScriptDirectory:
        """Return the line's scripts; they lie in the folder itself."""
        config = Config()
        config.set_main_option("script_location", str(self.folder))
        config.set_main_option("version_locations", str(self.folder))
        config.set_main_option("path_separator", "newline")
        return ScriptDirectory.from_config(config)


GROUND = History(Path(__file__).parent / "ground_migrations", "ground_version")


SERVICE_VERSION = "service_version"


def histories(service: Service) -> tuple[History, History]:
    """Return the two lines of a service's database, in the order in which they run."""
    return GROUND, History(service.migrations, SERVICE_VERSION)


async def migrate(service: Service, url: str) -> None:
    """Upgrade the database, make its next partitions and put the service's own rows in place.

    A database that is ahead of this code is left as it is. Raises ValueError when PostgreSQL is
    too old.
    """
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await _refuse_old(connection)
            await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATE})
            await connection.commit()
            await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
            await connection.commit()
            for history in histories(service):
                newer = (await connection.run_sync(_standing, history)).ahead
                await connection.commit()
                if not newer:
                    await connection.run_sync(_upgrade, history)
                    await connection.commit()
    finally:
        await engine.dispose()
    await _fill(service, url)


async def migrate_to(service: Service, url: str, revisions: Mapping[str, str]) -> None:
    """Bring an empty database to the schema of these revisions, by version table, without a row.

    For who puts the rows of an older day into it and then lets `migrate` do the rest.
    """
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            for history in histories(service):
                await connection.run_sync(_upgrade, history, revisions[history.version_table])
                await connection.commit()
    finally:
        await engine.dispose()


async def _refuse_old(connection: AsyncConnection) -> None:
    number = int(await connection.scalar(text("SHOW server_version_num")) or 0)
    if number // 10_000 < OLDEST_POSTGRES:
        msg = f"PostgreSQL {number // 10_000} is too old: move to {OLDEST_POSTGRES} or newer"
        raise InstallationError(msg)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a database stands to the code: `behind` lacks these, `ahead` has what is not known here.

    Code serves on a database that is ahead: a release may be taken back without its migrations.
    """

    behind: tuple[str, ...]
    ahead: tuple[str, ...]


async def standing(session: Session, service: Service) -> Standing:
    """Return which migrations of both lines a database lacks, and which it has beyond the code."""
    lines = [await session.run_sync(_standing, history) for history in histories(service)]
    return Standing(
        tuple(name for line in lines for name in line.behind),
        tuple(name for line in lines for name in line.ahead),
    )


async def at_head(session: Session, service: Service) -> bool:
    """Return whether the database has every migration that this code knows."""
    return not (await standing(session, service)).behind


def _standing(connection: Connection, history: History) -> Standing:
    known = [script.revision for script in history.script.walk_revisions()][::-1]
    applied = _context(connection, history).get_current_heads()
    line = history.version_table.removesuffix("_version")
    ahead = tuple(f"{line} {name}" for name in applied if name not in known)
    done = len(known) if ahead else max((known.index(name) + 1 for name in applied), default=0)
    return Standing(tuple(f"{line} {name}" for name in known[done:]), ahead)


def _upgrade(connection: Connection, history: History, target: str = "heads") -> None:
    script = history.script
    config = Config()

    def steps(present: str, _context: MigrationContext) -> object:
        return script._upgrade_revs(target, present)  # noqa: SLF001 - as Alembic's own command does

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(
            connection=connection,
            version_table=history.version_table,
            transaction_per_migration=True,
        )
        with environment.begin_transaction():
            environment.run_migrations()


def _context(connection: Connection, history: History) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"version_table": history.version_table})


async def _fill(service: Service, url: str) -> None:
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as session:
            await ensure_partitions(session, service.all_partitioned, now=utcnow())
            if service.seed is not None:
                await service.seed(session, utcnow())
    finally:
        await database.dispose()
