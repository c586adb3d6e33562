"""Where the system in one process listens, and where its data lie."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.errors import InstallationError

DATA: Final = Path(".data")


class StartError(InstallationError):
    """It cannot start, and this sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address of this machine, and a folder."""

    host: str
    port: int
    data: Path


def place() -> Place:
    """Return where the system runs: HOST and PORT of the environment, data in `.data`.

    Raises StartError for a port that is no number.
    """
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal():
        msg = f"PORT is {port}, and must be a number."
        raise StartError(msg)
    return Place(os.environ.get("HOST") or "127.0.0.1", int(port), DATA)
