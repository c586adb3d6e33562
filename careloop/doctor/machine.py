"""The machine that the standalone edition runs on: room on its disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from careloop.doctor.findings import Finding, ok, warning, wrong

GIGABYTE: Final = 10**9
LITTLE: Final = 5 * GIGABYTE
TOO_LITTLE: Final = GIGABYTE
"""PostgreSQL writes logs of up to 1 GB before it cleans up, and stops when there is no room."""


def examine_machine(folder: Path) -> Iterator[Finding]:
    """Look at the disk where a folder lies."""
    there = folder if folder.exists() else folder.absolute().parent
    part, free = f"disk of {folder}", shutil.disk_usage(there).free
    says, do = (
        f"{free / GIGABYTE:.1f} GB are free",
        "Make room, or move the folder to a larger disk",
    )
    if free < TOO_LITTLE:
        yield wrong(part, "space", says, do=do)
    elif free < LITTLE:
        yield warning(part, "space", says, do=do)
    else:
        yield ok(part, "space", says)
