"""Write a backup: every table of every service as of one moment."""

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Final

from careloop.backup.cut import cut
from careloop.backup.keys import fingerprints
from careloop.backup.manifest import Manifest, ServiceCopy, write_manifest
from careloop.backup.tables import VERSIONS, Connection, copy_out, sequences_of, tables_of
from careloop.installation import Installation
from shared.clock import utcnow
from shared.release import RELEASE
from standalone.place import StartError

WEEK: Final = re.compile(r"_(\d{8})$")

PARTITIONS: Final = "SELECT DISTINCT relname FROM pg_class WHERE relispartition"


@contextmanager
def made_whole(folder: Path) -> Iterator[Path]:
    """Give a folder to write to, which gets its name when the block has ended well.

    Raises StartError when something of that name is there already.
    """
    if folder.exists():
        msg = f"{folder} is there already: name a folder that is not."
        raise StartError(msg)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    yield part
    part.rename(folder)


async def take_backup(here: Installation, services: Sequence[str], part: Path) -> Manifest:
    """Write the backup of some services into a folder that `made_whole` gave."""
    began, urls = time.monotonic(), {n: here.services[n].url(here.common) for n in services}
    async with cut(urls) as readers:
        taken_at: datetime = utcnow()
        copies = tuple(
            [await _copy(here, name, reader, part / name) for name, reader in readers.items()]
        )
    manifest = Manifest(
        release=RELEASE,
        taken_at=taken_at,
        seconds=round(time.monotonic() - began, 1),
        services=copies,
    )
    write_manifest(part, manifest)
    return manifest


async def _copy(here: Installation, name: str, reader: Connection, folder: Path) -> ServiceCopy:
    return ServiceCopy(
        service=name,
        server=await reader.fetchval("SHOW server_version"),
        revisions={line: await _revision(reader, line) for line in VERSIONS},
        weeks=await _weeks(reader),
        tables=tuple([await copy_out(reader, one, folder) for one in await tables_of(reader)]),
        sequences=await sequences_of(reader),
        keys=fingerprints(here.vaults[name]),
    )


async def _revision(reader: Connection, line: str) -> str:
    return str(await reader.fetchval(f"SELECT version_num FROM {line}"))  # noqa: S608 - a constant


async def _weeks(reader: Connection) -> tuple[date, ...]:
    """Return the weeks of which a table has a partition."""
    names = [row["relname"] for row in await reader.fetch(PARTITIONS)]
    found = {match[1] for name in names if (match := WEEK.search(name))}
    return tuple(datetime.strptime(day, "%Y%m%d").date() for day in sorted(found))  # noqa: DTZ007 - a day
