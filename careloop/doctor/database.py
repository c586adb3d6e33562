"""One service's database: may it be used, is it whole, is there room for the time to come."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from careloop.doctor.clocks import clocks
from careloop.doctor.findings import Finding, Level, ok, warning, wrong
from careloop.doctor.rights import rights
from careloop.doctor.trust import books, trail
from careloop.doctor.work import dead_letters, outbox, waiting_messages
from shared.clock import utcnow
from shared.database import Session
from shared.migrations import OLDEST_POSTGRES, standing
from shared.partitions import WEEK, week_of
from shared.remedies import remedy
from shared.service import Service
from shared.settings import CommonSettings

LONGEST_TRANSACTION: Final = timedelta(minutes=5)
"""Ours take seconds; one that is left open keeps dead rows and makes migrations give up."""

CROWDED: Final = 0.8

Check = Callable[[Session, Service, str], Awaitable[Finding]]


async def examine_database(service: Service, common: CommonSettings) -> AsyncIterator[Finding]:
    """Look at a service's database, with the rights that the service itself has."""
    part = f"database of {service.name}"
    try:
        database = service.database(common)
        try:
            for check in CHECKS:
                async with database.transaction() as session:
                    found = await check(session, service, part)
                yield found
                if (found.check, found.level) == (SCHEMA, Level.WRONG):
                    return
        finally:
            await database.dispose()
    except (SQLAlchemyError, OSError, TimeoutError, ValueError) as error:
        says = remedy(error) or str(error).splitlines()[0]
        yield wrong(part, "connection", says, do="Then ask again")


async def _version(session: Session, _service: Service, part: str) -> Finding:
    number = int(await session.scalar(text("SHOW server_version_num")) or 0)
    if number // 10_000 < OLDEST_POSTGRES:
        says = f"PostgreSQL {number // 10_000} is too old"
        return wrong(part, "version", says, do=f"Move to PostgreSQL {OLDEST_POSTGRES} or newer")
    return ok(part, "version", f"PostgreSQL {number // 10_000}.{number % 10_000}")


SCHEMA: Final = "schema"


async def _schema(session: Session, service: Service, part: str) -> Finding:
    stands = await standing(session, service)
    if stands.behind:
        says = f"it lacks the migrations {', '.join(stands.behind)}"
        return wrong(part, SCHEMA, says, do=f"careloop migrate {service.name}")
    if stands.ahead:
        says = f"it is newer ({', '.join(stands.ahead)}) than this release"
        return warning(part, SCHEMA, says, do="That serves; go on to the newer release soon")
    return ok(part, SCHEMA, "it has every migration")


async def _partitions(session: Session, service: Service, part: str) -> Finding:
    """Find tables cut by time that have no room for next week, or rows that lie in the rest."""
    following = week_of(utcnow()) + WEEK
    missing, astray = [], []
    for table in service.all_partitioned:
        name = f"{table.table}_{following:%Y%m%d}"
        if await session.scalar(text("SELECT to_regclass(:name)"), {"name": name}) is None:
            missing.append(table.table)
        rest = text(f"SELECT EXISTS (SELECT FROM {table.table}_default)")  # noqa: S608 - our names
        if await session.scalar(rest):
            astray.append(table.table)
    if missing:
        says = f"next week has no partition of {', '.join(missing)}"
        return wrong(
            part, "partitions", says, do=f"Let the worker run: careloop worker {service.name}"
        )
    if astray:
        says = f"rows lie in the default partition of {', '.join(astray)}"
        return warning(part, "partitions", says, do="They are kept and read; look at the clocks")
    return ok(part, "partitions", "next week has its partitions")


async def _transactions(session: Session, _service: Service, part: str) -> Finding:
    """Find a transaction that is left open; PostgreSQL shows a role its own alone."""
    oldest = await session.scalar(
        text(
            "SELECT max(now() - xact_start) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )
    if oldest is not None and oldest > LONGEST_TRANSACTION:
        says = f"one is open for {oldest.total_seconds() // 60:.0f} min"
        do = "Look into pg_stat_activity, and end it by pg_terminate_backend"
        return warning(part, "transactions", says, do=do)
    return ok(part, "transactions", "none is open for long")


async def _connections(session: Session, _service: Service, part: str) -> Finding:
    used, most = (
        await session.execute(
            text(
                "SELECT sum(numbackends)::int, current_setting('max_connections')::int "
                "FROM pg_stat_database"
            )
        )
    ).one()
    if used > most * CROWDED:
        do = "Raise max_connections, or lower CARELOOP_DATABASE_POOL"
        return warning(part, "connections", f"{used} of {most} are taken", do=do)
    return ok(part, "connections", f"{used} of {most} are taken")


async def _clock(session: Session, _service: Service, part: str) -> Finding:
    theirs = await session.scalar(text("SELECT clock_timestamp()"))
    return clocks(part, "the database", utcnow() - theirs if theirs else timedelta())


async def _size(session: Session, _service: Service, part: str) -> Finding:
    size = await session.scalar(text("SELECT pg_size_pretty(pg_database_size(current_database()))"))
    return ok(part, "size", f"{size}")


CHECKS: Final[tuple[Check, ...]] = (
    _version,
    rights,
    _schema,
    _partitions,
    _transactions,
    _connections,
    _clock,
    _size,
    outbox,
    waiting_messages,
    dead_letters,
    books,
    trail,
)
"""Those behind the schema need it at head."""
