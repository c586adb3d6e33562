"""Write the next migration: `python -m careloop.revision tickets "customers may be companies"`.

The line is a service's name, or `ground` for the tables that every service has. A private
PostgreSQL is migrated to the present head, and what the tables have beyond it becomes the new
file: read it, and write by hand what no comparison can see (data, triggers, renamed columns).
`--anew` writes the first migration again, as long as nobody has run it.
"""

import argparse
import asyncio
import importlib
import subprocess
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, MetaData, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.messaging import metadata as ground_metadata
from shared.migrations import GROUND, History, migrate
from shared.service import Service
from standalone.postgres import create_databases, postgres

ROOT = Path(__file__).resolve().parents[1]

MIGRATION = '''"""{message}."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "{number:04}"
down_revision = {previous}


def upgrade() -> None:
    {body}
'''


@dataclass(frozen=True, slots=True)
class Line:
    """A line of migrations and the tables that it makes; `beside` are the database's others."""

    history: History
    metadata: MetaData
    beside: frozenset[str] = frozenset()


def ground_line(beside: Collection[str] = ()) -> Line:
    """Return the line of the tables that every service has."""
    _import_tables(ROOT / "shared")
    return Line(GROUND, ground_metadata, frozenset(beside))


def service_line(name: str) -> Line:
    """Return the line of a service's own tables."""
    folder = ROOT / "services" / name
    _import_tables(folder)
    metadata: MetaData = importlib.import_module(f"services.{name}.tables").metadata
    history = History(folder / "migrations", "service_version")
    return Line(history, metadata, frozenset(ground_line().metadata.tables))


def services_with_tables() -> list[str]:
    """Return the names of the services that have tables of their own."""
    return sorted(path.parent.name for path in ROOT.glob("services/*/tables.py"))


def difference(connection: Connection, line: Line) -> tuple[UpgradeOps, MigrationContext]:
    """Return what a database lacks, or has too much, compared with the tables of a line."""
    partitions = connection.scalars(
        text("SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')")
    )
    others = {*line.beside, *partitions, "ground_version", "service_version"}
    schemas = {table.schema for table in line.metadata.tables.values()} | {None}

    def concerns(name: str | None, kind: str, _parents: object) -> bool:
        if kind == "schema":
            return name in schemas
        return kind != "table" or name not in others

    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": line.history.version_table,
            "include_name": concerns,
            "include_schemas": schemas != {None},
            "compare_server_default": True,
        },
    )
    operations = produce_migrations(context, line.metadata).upgrade_ops
    return operations or UpgradeOps([]), context


def missing_by_name(connection: Connection, line: Line) -> list[str]:
    """Return the sequences and checks that a database lacks; Alembic does not compare them."""
    seen = inspect(connection)
    missing = [
        f"sequence {sequence.name}"
        for sequence in line.metadata._sequences.values()  # noqa: SLF001 - there is no public way
        if not seen.has_sequence(sequence.name, schema=sequence.schema)
    ]
    for table in line.metadata.sorted_tables:
        if not seen.has_table(table.name, schema=table.schema):
            continue
        present = {check["name"] for check in seen.get_check_constraints(table.name, table.schema)}
        missing += [
            f"check {constraint.name} of {table.name}"
            for constraint in table.constraints
            if isinstance(constraint, CheckConstraint) and str(constraint.name) not in present
        ]
    return missing


def render(connection: Connection, line: Line) -> str:
    """Return the Python statements that bring a database to the tables of a line."""
    operations, context = difference(connection, line)
    seen = inspect(connection)
    schemas = {table.schema for table in line.metadata.tables.values() if table.schema}
    statements = [
        f"op.execute(sa.schema.CreateSchema({schema!r}))"
        for schema in sorted(schemas - set(seen.get_schema_names()))
    ]
    statements += [
        f"op.execute(sa.schema.CreateSequence(sa.Sequence({sequence.name!r})))"
        for sequence in line.metadata._sequences.values()  # noqa: SLF001 - there is no public way
        if not seen.has_sequence(sequence.name, schema=sequence.schema)
    ]
    body = render_python_code(operations, migration_context=context)
    kept = [row for row in body.splitlines() if not row.strip().startswith("# ###")]
    return "\n    ".join([*statements, "\n".join(kept).strip()])


def write_revision(name: str, message: str, *, anew: bool = False) -> Path:
    """Write the next migration of a line (`anew`: its first one, again) and return its path."""
    line = ground_line() if name == "ground" else service_line(name)
    folder = line.history.folder
    present = [] if anew else sorted(folder.glob("[0-9]*.py"))
    if anew:
        for path in folder.glob("0001_*.py"):
            path.unlink()
    body = asyncio.run(_rendered(name, line, with_own=not anew))
    number = len(present) + 1
    path = folder / f"{number:04}_{message.lower().replace(' ', '_')}.py"
    previous = f'"{len(present):04}"' if present else None
    path.write_text(
        MIGRATION.format(message=message, number=number, previous=previous, body=body),
        encoding="utf-8",
    )
    for command in (["check", "--quiet", "--fix", "--select", "F401"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *command, str(path)], check=True)  # noqa: S603 - our own command
    return path


async def _rendered(name: str, line: Line, *, with_own: bool) -> str:
    """Migrate a private database as far as the line goes and return what it lacks."""
    with tempfile.TemporaryDirectory(prefix="careloop-revision-") as folder:
        without_migrations = Path(folder)
        own = line.history.folder if with_own and name != "ground" else without_migrations
        with postgres(Path(folder, "data"), durable=False) as server:
            await create_databases(server, [name])
            if name != "ground" or with_own:
                await migrate(Service(name=name, migrations=own), server.url(name))
            engine = create_async_engine(server.url(name), poolclass=NullPool)
            try:
                async with engine.connect() as connection:
                    return await connection.run_sync(render, line)
            finally:
                await engine.dispose()


def _import_tables(folder: Path) -> None:
    """Import every module below a folder that makes tables, so that its MetaData knows them."""
    for path in sorted(folder.rglob("*.py")):
        if " metadata\n" in path.read_text(encoding="utf-8"):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def main() -> None:
    """Read the command line and write one migration."""
    parser = argparse.ArgumentParser(prog="careloop.revision", description=__doc__)
    parser.add_argument("line", choices=["ground", *services_with_tables()])
    parser.add_argument("message", help="what changes, in a few words")
    parser.add_argument("--anew", action="store_true", help="write the first migration again")
    asked = parser.parse_args()
    print(write_revision(asked.line, asked.message, anew=asked.anew))


if __name__ == "__main__":
    main()
