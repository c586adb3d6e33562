"""`careloop run` as a person starts it: a process of its own, an empty folder, a free port."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from standalone.postgres import PORT, Postgres

START_SECONDS = 90
"""Making and migrating four databases takes 3 s, and much longer on a machine at its limit."""

CARELOOP = (sys.executable, "-m", "careloop.cli")
HERE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Started:
    """A running system and the folder that it was started in."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def careloop(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the same installation and return what it said."""
        return subprocess.run(
            [*CARELOOP, *arguments],
            cwd=self.folder,
            env=environment(self.port),
            capture_output=True,
            text=True,
            check=False,
        )

    def execute(self, service: str, statements: str) -> None:
        """Run statements in a service's database, as its owner."""

        async def run() -> None:
            name = f"careloop_{service}"
            connection = await asyncpg.connect(
                host=str(Postgres(self.folder / ".data/postgres").sockets),
                port=PORT,
                user=name,
                database=name,
            )
            try:
                await connection.execute(statements)
            finally:
                await connection.close()

        asyncio.run(run())


def environment(port: int) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CARELOOP_")}
    return plain | {"PORT": str(port), "DEMO": "0", "PYTHONPATH": str(HERE), "COLUMNS": "120"}


@contextmanager
def started(folder: Path) -> Iterator[Started]:
    """Run the whole system while the block runs; it ends as by Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [*CARELOOP, "run"], cwd=folder, env=environment(port), stdout=output, stderr=output
        )
    system = Started(folder, port)
    try:
        _await_people(system, process)
        yield system
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _await_people(system: Started, process: subprocess.Popen[bytes]) -> None:
    """Return when it answers and there is somebody for every role."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            answer = httpx.post(
                f"{system.url}/api/v1/auth/token",
                data={"grant_type": "urn:careloop:development", "role": "admin"},
                trust_env=False,
            )
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.is_success:
            return
        time.sleep(0.1)
    raise AssertionError((system.folder / "output").read_text())
