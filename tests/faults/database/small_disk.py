"""A file system of some megabytes, which a test can fill."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from standalone.postgres import PORT, Postgres

MEGABYTES = 400
"""Five migrated databases are 70 MB; what is free is taken by the ballast."""

CHUNK = bytes(1 << 20)


def may_mount() -> bool:
    """Return whether this process may mount a file system: as a rule, root may."""
    return os.geteuid() == 0 and shutil.which("mount") is not None


@dataclass(frozen=True)
class SmallDisk:
    """A mounted folder."""

    folder: Path

    async def carry_databases(self, postgres: Postgres) -> None:
        """Let every database that is made from now on lie here."""
        place = self.folder / "tables"
        place.mkdir()
        owner = postgres.data.stat()
        os.chown(place, owner.st_uid, owner.st_gid)
        chief = await asyncpg.connect(
            host=str(postgres.sockets), port=PORT, user="postgres", database="postgres"
        )
        try:
            await chief.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
            await chief.execute("ALTER DATABASE template1 SET TABLESPACE small")
        finally:
            await chief.close()

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Leave no byte free while the block runs."""
        ballast = self.folder / "ballast"
        try:
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(CHUNK)
            yield
        finally:
            ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Mount a small file system in memory while the block runs."""
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "none", str(folder)],
        check=True,
    )
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
