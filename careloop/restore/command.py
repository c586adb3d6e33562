"""`careloop restore`: make services what they were when a backup was taken."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from careloop.backup.manifest import ServiceCopy, read_manifest
from careloop.installation import Installation, at_rest, service_named
from careloop.restore.checks import check_age, check_all, require_keys_file
from careloop.restore.load import load
from careloop.restore.rejoin import MARGIN, begin_epoch, rejoin
from shared.clock import utcnow

Folder = Annotated[Path, typer.Argument(help="A folder that `careloop backup` wrote")]
Only = Annotated[list[str] | None, typer.Option("--service", help="One service; may be repeated")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite databases that are not empty")]
Since = Annotated[
    datetime | None,
    typer.Option("--since", help="From when on others say again what they said, at least"),
]


def restore(
    folder: Folder,
    service: Only = None,
    force: Force = False,  # noqa: FBT002 - an option
    since: Since = None,
) -> None:
    """Restore all services of a backup, or some; these must not run meanwhile."""
    manifest = read_manifest(folder)
    names = [service_named(name) for name in service or [one.service for one in manifest.services]]
    copies = [manifest.of(name) for name in names]
    require_keys_file()
    taken_at = manifest.taken_at
    first = min(taken_at - MARGIN, since.astimezone()) if since else taken_at - MARGIN
    with at_rest() as here:
        uvloop.run(
            restore_services(here, folder, copies, taken_at=taken_at, since=first, force=force)
        )


async def restore_services(
    here: Installation,
    folder: Path,
    copies: Sequence[ServiceCopy],
    *,
    taken_at: datetime,
    since: datetime,
    force: bool,
) -> None:
    """Put the copies back and let all services agree again. Raises StartError."""
    check_age(here, copies, taken_at=taken_at, now=utcnow())
    await check_all(here, copies, force=force)
    for copy in copies:
        began, one = time.monotonic(), here.services[copy.service]
        rows = await load(one, one.url(here.common), copy, folder / copy.service)
        await begin_epoch(here, copy.service, backup_at=taken_at, since=since, now=utcnow())
        print(f"{copy.service}: {rows} rows in {time.monotonic() - began:.1f} s.")
    names = {copy.service for copy in copies}
    again = await rejoin(here, names, since=since, now=utcnow())
    print(f"{again} events since {since:%Y-%m-%d %H:%M:%S %Z} are said again.")
