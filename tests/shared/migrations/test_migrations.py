"""The migrations make the tables that the code has, on every PostgreSQL that is promised."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Sequence, Table, text
from sqlalchemy.exc import DBAPIError

from careloop.revision import (
    ROOT,
    Line,
    difference,
    ground_line,
    missing_by_name,
    service_line,
    services_with_tables,
)
from shared import migrations
from shared.database import Database, Session
from shared.migrations import History, Standing, at_head, migrate, standing
from shared.service import Service
from tests.support.databases import Databases
from tests.support.sample_service import sample_service, tallies

SERVICES = services_with_tables()


def lines_of(name: str) -> tuple[Line, Line]:
    own = service_line(name)
    return ground_line(beside=own.metadata.tables.keys()), own


async def wrong(database: Database, *lines: Line) -> list[str]:
    """Return everything in which a database differs from the tables of its lines."""

    async def look(session: Session, line: Line) -> list[str]:
        def compare(connection: object) -> list[str]:
            operations, _ = difference(connection, line)  # type: ignore[arg-type]
            named = missing_by_name(connection, line)  # type: ignore[arg-type]
            return [str(step) for step in operations.as_diffs()] + named

        return await session.run_sync(compare)

    async with database.transaction() as session:
        return [found for line in lines for found in await look(session, line)]


def service(name: str) -> Service:
    return Service(name=name, migrations=ROOT / "services" / name / "migrations")


@pytest.mark.parametrize("name", SERVICES)
async def test_a_migrated_database_is_what_the_code_says(
    databases_on_each: Databases, name: str
) -> None:
    database = await databases_on_each.open(service(name))
    assert await wrong(database, *lines_of(name)) == []


@pytest.mark.parametrize("name", SERVICES)
def test_the_migrations_of_a_service_are_one_line(name: str) -> None:
    for line in lines_of(name):
        assert len(line.history.script.get_heads()) == 1
        files = sorted(path.name[:4] for path in line.history.folder.glob("[0-9]*.py"))
        assert files == [f"{number:04}" for number in range(1, len(files) + 1)]


def test_every_service_has_tables_of_its_own_and_migrations() -> None:
    for folder in (ROOT / "services").iterdir():
        if (folder / "migrations").is_dir() or (folder / "service.py").is_file():
            assert folder.name in SERVICES
            assert list((folder / "migrations").glob("0001_*.py"))


async def test_what_a_database_lacks_or_has_too_much_is_seen(databases: Databases) -> None:
    database = await databases.open(sample_service())
    metadata = MetaData()
    tallies.to_metadata(metadata)
    line = Line(
        History(sample_service().migrations, "service_version"),
        metadata,
        frozenset(ground_line().metadata.tables),
    )
    assert await wrong(database, line) == []
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE tallies ALTER amount TYPE bigint"))
        await session.execute(text("ALTER TABLE tallies ADD remark text"))
        await session.execute(text("CREATE TABLE forgotten (id int)"))
    Sequence("sample_number", metadata=metadata)
    Table("wanted", metadata, Column("id", Integer))
    found = " ".join(await wrong(database, line))
    for sign in ("modify_type", "remove_column", "remove_table", "add_table", "sequence sample"):
        assert sign in found


async def test_migrating_again_and_together_changes_nothing(databases: Databases) -> None:
    url = await databases.empty()
    await asyncio.gather(*(migrate(sample_service(), url) for _ in range(3)))
    await migrate(sample_service(), url)
    database = databases.connect(url)
    async with database.transaction() as session:
        assert await at_head(session, sample_service())
        assert await session.scalar(text("SELECT count(*) FROM service_version")) == 1


async def test_a_database_behind_the_code_is_not_at_head(
    databases: Databases, tmp_path: Path
) -> None:
    database = await databases.open(sample_service())
    shutil.copytree(sample_service().migrations, tmp_path, dirs_exist_ok=True)
    later = replace(sample_service(), migrations=tmp_path)
    (tmp_path / "0002_more.py").write_text(
        'from alembic import op\n\nrevision = "0002"\ndown_revision = "0001"\n\n\n'
        'def upgrade():\n    op.execute("ALTER TABLE tallies ADD remark text")\n'
    )
    async with database.transaction() as session:
        assert await at_head(session, sample_service())
        assert not await at_head(session, later)


async def test_code_that_was_taken_back_serves_on_the_newer_database_and_leaves_it(
    databases: Databases,
) -> None:
    url = await databases.url(sample_service())
    database = databases.connect(url)
    async with database.transaction() as session:
        await session.execute(text("UPDATE service_version SET version_num = '0009'"))
        assert await standing(session, sample_service()) == Standing((), ("service 0009",))
        assert await at_head(session, sample_service())
    await migrate(sample_service(), url)
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT version_num FROM service_version")) == "0009"
        await session.execute(text("DELETE FROM service_version"))
        assert await standing(session, sample_service()) == Standing(("service 0001",), ())
        assert not await at_head(session, sample_service())


@pytest.mark.feature("N-08")
async def test_a_migration_gives_up_rather_than_stop_a_serving_process(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_TIMEOUT", "50ms")
    url = await databases.url(sample_service())
    database = databases.connect(url)
    shutil.copytree(sample_service().migrations, tmp_path, dirs_exist_ok=True)
    later = replace(sample_service(), migrations=tmp_path)
    (tmp_path / "0002_more.py").write_text(
        'from alembic import op\n\nrevision = "0002"\ndown_revision = "0001"\n\n\n'
        'def upgrade():\n    op.execute("CREATE TABLE half (id int)")\n'
        '    op.execute("ALTER TABLE tallies ADD remark text")\n'
    )
    async with database.transaction() as session:
        await session.execute(text("SELECT count(*) FROM tallies"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            await migrate(later, url)
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT to_regclass('half')")) is None
        assert not await at_head(session, later)
    await migrate(later, url)
    async with database.transaction() as session:
        assert await at_head(session, later)
