"""What an error means: nobody's fault, the database is away, or the fault of what was asked."""

import sysconfig
import traceback
from pathlib import PurePath

from sqlalchemy.exc import DBAPIError

CONFLICTS = {"40001", "40P01"}
"""Serialisation failure and deadlock: the database asks to try again."""

AWAY = ("08", "28", "3D", "53", "57", "58")
"""Classes of SQLSTATE that no message causes: connection, sign-in, no such database, no space or
memory, shutting down or cancelled by time, and a failing disk."""

READ_ONLY = "25006"
"""A fail-over left us on a replica."""

STANDARD_LIBRARY = sysconfig.get_path("stdlib")


def is_conflict(error: BaseException) -> bool:
    """Return whether the same work may pass when it is tried again at once."""
    return sqlstate(error) in CONFLICTS


def is_away(error: BaseException) -> bool:
    """Return whether the database could not answer, so that nothing was tried.

    The driver raises its plain error for a lost connection and for a value that fits no column
    alike, so the class says nothing: only the state does.
    """
    if isinstance(error, OSError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = sqlstate(error)
    return state == READ_ONLY or state.startswith(AWAY)


def where(error: BaseException) -> str:
    """Return the kind of an error and the line that raised it; its words may be personal."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = next((f for f in reversed(frames) if not _is_library(f.filename)), frames[-1])
    kind = " ".join(filter(None, (type(error).__name__, sqlstate(error))))
    return f"{kind} in {ours.name}, {PurePath(ours.filename).name}:{ours.lineno}"


def _is_library(filename: str) -> bool:
    return filename.startswith(STANDARD_LIBRARY) or "/site-packages/" in filename


def sqlstate(error: BaseException) -> str:
    """Return the five characters with which PostgreSQL names an error; empty without any."""
    source = getattr(error, "orig", None) or error
    return str(getattr(source, "sqlstate", None) or "")
