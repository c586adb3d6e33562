"""What may be wrong with a data folder of the embedded PostgreSQL, as one sentence each."""

import os
import time
from pathlib import Path

from shared.errors import InstallationError

WATCH_SECONDS = 0.01
"""PostgreSQL starts in 0.03 s, so a coarser look would be most of the waiting."""

LEAVING_SECONDS = 10
"""A server whose parent was killed closes within a second; a busy one may need its checkpoint."""

NOTICING_SECONDS = 2
"""A server learns of its parent's death by a signal, and on a busy machine it is late to say so."""


class PostgresError(InstallationError):
    """The embedded PostgreSQL cannot run; the text is for the person who started it."""


def check_data(data: Path, *, major: str, owner: int) -> None:
    """Refuse a data folder that is foreign, damaged or of another PostgreSQL version.

    `major` is the version of the server that would run on it, `owner` the user id it must have.
    """
    found = data.stat().st_uid
    if found != owner:
        raise PostgresError(
            f"{data} belongs to user id {found} and you are {os.geteuid()}: "
            "start CareLoop as the user who started it first, or move the folder away."
        )
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise PostgresError(
            f"{data} holds files but no PostgreSQL database: move it away, or restore a backup."
        ) from None
    if version != major:
        raise PostgresError(
            f"{data} was made by PostgreSQL {version} and this is {major}: "
            "move it away and restore a backup, or set CARELOOP_POSTGRES_BIN to the old version."
        )


def clear_lock(data: Path, sockets: Path) -> None:
    """Remove the lock files that a dead server left in its data and socket folder.

    PostgreSQL trusts a number: after a reboot any process of the same user, or a zombie, can have
    the old server's number and would keep it from starting for ever.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        pid = 0
    looked = time.monotonic()
    while pid and _is_postgres(pid):
        patience = LEAVING_SECONDS if _is_stopping(pid_file) else NOTICING_SECONDS
        if time.monotonic() > looked + patience:
            raise PostgresError(
                f"PostgreSQL already runs on {data} as process {pid}: "
                "CareLoop is started already, or was; stop it first."
            )
        time.sleep(WATCH_SECONDS)
    pid_file.unlink(missing_ok=True)
    for leftover in sockets.glob(".s.PGSQL.*"):
        leftover.unlink()


def is_ready(data: Path, pid: int) -> bool:
    """Return whether the server with this process id accepts connections."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return lines[:1] == [str(pid)] and [line.strip() for line in lines[7:8]] == ["ready"]


def last_words(log: Path) -> str:
    """Return the sentence with which PostgreSQL gave up, or its last line."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    grave = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    said = (grave or lines or ["it said nothing"])[-1]
    return said.partition("FATAL:")[2].strip() or said.strip()


def _is_postgres(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    name, _, rest = status.partition("(")[2].rpartition(")")
    return name == "postgres" and rest.split()[0] != "Z"


def _is_stopping(pid_file: Path) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return True
    return [line.strip() for line in lines[7:8]] == ["stopping"]
