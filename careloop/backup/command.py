"""`careloop backup`: write down every service's database as of one moment."""

from pathlib import Path
from typing import Annotated

import asyncpg
import typer
import uvloop

from careloop.backup.manifest import Manifest
from careloop.backup.take import made_whole, take_backup
from careloop.installation import running_or_at_rest, service_named
from standalone.compose import NAMES
from standalone.place import StartError

Folder = Annotated[Path, typer.Argument(help="A folder that is not there yet")]
Only = Annotated[list[str] | None, typer.Option("--service", help="One service; may be repeated")]


def backup(folder: Folder, service: Only = None) -> None:
    """Back up all services, or some, while they work."""
    names = [service_named(name) for name in service or NAMES]
    with made_whole(folder) as part, running_or_at_rest() as here:
        try:
            manifest = uvloop.run(take_backup(here, names, part))
        except asyncpg.UndefinedTableError:
            msg = f"There is nothing to back up: not all of {', '.join(names)} were ever started."
            raise StartError(msg) from None
        except asyncpg.LockNotAvailableError:
            msg = "Some work wrote without a pause and left no moment: try again when it is done."
            raise StartError(msg) from None
        print(_said(manifest, folder))
        print(
            f"Keys are not in it, and without them it opens for nobody: save {here.common.secrets}"
        )
        print("somewhere else.")


def _said(manifest: Manifest, folder: Path) -> str:
    rows = sum(table.rows for one in manifest.services for table in one.tables)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    names = ", ".join(one.service for one in manifest.services)
    return (
        f"{folder}: {names} as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, "
        f"{rows} rows, {size / 1e6:.1f} MB, in {manifest.seconds} s."
    )
