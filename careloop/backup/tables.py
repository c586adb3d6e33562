"""Tables in and out of a database, as text that every PostgreSQL from 15 on reads.

The rows only: the schema is what the migrations make. So a backup of one server goes into an older
or a newer one, and needs no program but this.
"""

import gzip
import zlib
from collections.abc import AsyncIterator, Iterable, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import asyncpg

from careloop.backup.manifest import CHUNK_BYTES, TableCopy
from shared.migrations import GROUND, SERVICE_VERSION

GZIP: Final = 31
"""`wbits` with which zlib writes the container of gzip."""

FAST: Final = 1
"""Level 1 keeps up with the server; level 6 is a tenth smaller and takes three times as long."""

VERSIONS: Final = (GROUND.version_table, SERVICE_VERSION)
"""Written by the migrations themselves, never by a restore."""

NOT_COPIED: Final = ("facts_next", "facts_old")
"""What a rebuild is at; it begins anew."""

TABLES: Final = """
SELECT c.oid, n.nspname, c.relname,
       array_agg(a.attname ORDER BY a.attnum) AS columns
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     AND a.attgenerated = ''
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
GROUP BY c.oid, n.nspname, c.relname
ORDER BY n.nspname, c.relname
"""

REFERENCES: Final = "SELECT conrelid, confrelid FROM pg_constraint WHERE contype = 'f'"

SEQUENCES: Final = """
SELECT format('%I.%I', schemaname, sequencename) AS name, last_value
FROM pg_sequences WHERE last_value IS NOT NULL ORDER BY 1
"""

Connection: TypeAlias = asyncpg.Connection


async def tables_of(connection: Connection) -> list[TableCopy]:
    """Return the tables of a database, those that others refer to first; rows are not counted."""
    found = {
        row["oid"]: TableCopy(
            schema_name=row["nspname"],
            name=row["relname"],
            columns=tuple(row["columns"]),
            rows=0,
            file=f"{row['nspname']}.{row['relname']}.copy.gz",
        )
        for row in await connection.fetch(TABLES)
        if row["relname"] not in VERSIONS and row["nspname"] not in NOT_COPIED
    }
    order = TopologicalSorter[int](dict.fromkeys(found, ()))
    for row in await connection.fetch(REFERENCES):
        if {row["conrelid"], row["confrelid"]} <= found.keys() and row[0] != row[1]:
            order.add(row["conrelid"], row["confrelid"])
    return [found[oid] for oid in order.static_order()]


async def copy_out(connection: Connection, table: TableCopy, folder: Path) -> TableCopy:
    """Write the rows of a table into a file, and return it with their number."""
    packer = zlib.compressobj(FAST, wbits=GZIP)
    with _new_file(folder, table.file) as file:

        async def write(data: bytes) -> None:
            file.write(packer.compress(data))

        query = f"SELECT {_listed(table.columns)} FROM {_named(table)}"  # noqa: S608 - names of the catalogue, quoted
        status = await connection.copy_from_query(query, output=write)
        file.write(packer.flush())
    return table.model_copy(update={"rows": int(status.split()[-1])})


async def copy_in(connection: Connection, table: TableCopy, folder: Path) -> int:
    """Put the rows of a file into a table; return how many there were."""
    status = await connection.copy_to_table(
        table.name,
        schema_name=table.schema_name,
        columns=table.columns,
        source=_content(folder / table.file),
    )
    return int(status.split()[-1])


async def holding(connection: Connection, tables: Iterable[TableCopy]) -> list[str]:
    """Return the names of the tables that hold rows, each with their number."""
    held = []
    for table in tables:
        rows = await connection.fetchval(f"SELECT count(*) FROM {_named(table)}")  # noqa: S608 - quoted
        if rows:
            held.append(f"{table.shown} ({rows})")
    return held


async def empty(connection: Connection, tables: Sequence[TableCopy]) -> None:
    """Take away the rows that migrations put into tables."""
    for table in tables:
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {_named(table)})"):  # noqa: S608 - quoted
            await connection.execute(f"TRUNCATE {_named(table)} CASCADE")


async def sequences_of(connection: Connection) -> dict[str, int]:
    """Return the last value of each sequence that was ever used."""
    return {row["name"]: row["last_value"] for row in await connection.fetch(SEQUENCES)}


async def set_sequences(connection: Connection, values: dict[str, int]) -> None:
    """Let each sequence go on after its last value."""
    for name, value in values.items():
        await connection.execute("SELECT setval($1::text::regclass, $2)", name, value)


async def _content(path: Path) -> AsyncIterator[bytes]:
    with gzip.open(path) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _new_file(folder: Path, name: str) -> BinaryIO:
    folder.mkdir(exist_ok=True, mode=0o700)
    return (folder / name).open("wb")


def _named(table: TableCopy) -> str:
    return _listed((table.schema_name,)) + "." + _listed((table.name,))


def _listed(names: Iterable[str]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in names)
