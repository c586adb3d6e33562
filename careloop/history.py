"""`careloop import`: hand a company's history to the running system and wait for the result."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID, uuid4

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from careloop.installation import Installation, installation
from services.tickets.history.ask_import import PIECE_BYTES, ask_import
from services.tickets.history.queries import Import, get_import
from services.tickets.history.read_mapping import read_mapping
from services.tickets.history.result_queries import Result, results_after
from services.tickets.history.vocabulary import ImportFile, ImportState, Outcome
from shared.auth.actor import SYSTEM
from shared.clock import utcnow
from shared.database import Database
from shared.errors import DomainError
from standalone.place import StartError

LOOK_AGAIN_SECONDS: Final = 1.0
LINES: Final = 1_000
SHOWN: Final = 5
"""Examples of each refusal; all of them are at /api/v1/imports/{id}/results."""


def import_history(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    mapping: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="JSON")],
    events: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="What happened, by ticket")
    ] = None,
) -> None:
    """Import a company's history; a running worker reads it, and every line is reported."""
    files = {ImportFile.MAIN: file} | ({ImportFile.EVENTS: events} if events else {})
    uvloop.run(_import(installation(), files, mapping.read_text(encoding="utf-8")))


async def _import(here: Installation, files: dict[ImportFile, Path], mapping: str) -> None:
    async with here.database("tickets") as database:
        asked = await _ask(here, database, files, mapping)
        print(f"Import {asked.id} waits for a worker; Ctrl-C does not stop it.")
        done = await _wait(database, asked.id)
        if done.problem is not None:
            columns = f" ({', '.join(done.problem_columns)})" if done.problem_columns else ""
            msg = f"The {done.problem_file} file was not read: {done.problem}{columns}."
            raise StartError(msg)
        await _show(database, done)


async def _ask(
    here: Installation, database: Database, files: dict[ImportFile, Path], mapping: str
) -> Import:
    pieces = {name: _pieces(path) for name, path in files.items()}
    try:
        async with database.transaction() as session:
            return await ask_import(
                session,
                here.vaults["tickets"],
                read_mapping(mapping),
                pieces,
                key=str(uuid4()),
                actor=SYSTEM,
                now=utcnow(),
            )
    except DomainError as error:
        raise StartError(error.detail) from error


async def _wait(database: Database, import_id: UUID) -> Import:
    while True:
        async with database.transaction() as session:
            found = await get_import(session, import_id)
        if found.state in {ImportState.DONE, ImportState.FAILED}:
            return found
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _show(database: Database, done: Import) -> None:
    encodings = ", ".join(f"{file}: {name}" for file, name in done.encodings.items())
    print(
        f"{done.created} created, {done.unchanged} unchanged, {done.rejected} rejected"
        f" ({encodings})."
    )
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[str]] = {}
    async for result in _rejected(database, done.id):
        reason = (f"{result.file}: {result.remark}", result.column or "")
        counts[reason] += 1
        if counts[reason] <= SHOWN:
            examples.setdefault(reason, []).append(str(result.line))
    if counts:
        table = Table("rejected because", "column", "lines", "such as line")
        for reason, count in counts.most_common():
            table.add_row(*reason, str(count), ", ".join(examples[reason]))
        Console().print(table)


async def _rejected(database: Database, import_id: UUID) -> AsyncIterator[Result]:
    after = 0
    while True:
        async with database.transaction() as session:
            some = await results_after(
                session, import_id, after=after, outcome=Outcome.REJECTED, limit=LINES
            )
        if not some:
            return
        for _, result in some:
            yield result
        after = some[-1][0]


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
