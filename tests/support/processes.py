"""Our command as processes of their own; a test ends only those that it started."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 30
"""Clean ends take one or two; a process that finishes a batch on a loaded machine needs more."""

COMMAND_SECONDS = 180
"""Two as a rule; where ten processes start beside it a command has needed over sixty."""

TAIL_CHARACTERS = 4000
NOT_PASSED_ON = {"HOST", "PORT", "DEMO"}


@dataclass(frozen=True, slots=True)
class Done:
    """What a command that ended left behind."""

    code: int
    out: str
    err: str


def environment_with(settings: Mapping[str, str]) -> dict[str, str]:
    """Return this environment without settings of ours, but with those given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CARELOOP_") and name not in NOT_PASSED_ON
    }
    return {**kept, "NO_COLOR": "1", **settings}


OURS = ("-m", "careloop.cli")
"""What Python runs for a `careloop` command."""


async def command(
    *arguments: str, folder: Path, settings: Mapping[str, str], said: str = ""
) -> Done:
    """Run a `careloop` command to its end; `said` is what is typed, by a pipe."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *OURS, *arguments),
        cwd=folder,
        env=environment_with(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(said.encode()), COMMAND_SECONDS)
    finally:
        if process.returncode is None:  # it went on although it should not have
            process.kill()
            await process.wait()
    return Done(process.returncode or 0, out.decode(), err.decode())


@dataclass
class Process:
    """A `careloop` command that runs until it is told to end, with its log in the folder.

    `program` may be one of a test's own that ends in ours.
    """

    name: str
    arguments: tuple[str, ...]
    folder: Path
    settings: Mapping[str, str]
    program: tuple[str, ...] = OURS
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> str:
        """Return all that it has said."""
        path = self._log_path
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def pid(self) -> int:
        """Return the id of the running process."""
        assert self._running is not None
        return self._running.pid

    @property
    def code(self) -> int | None:
        """Return how it ended; None while it runs."""
        assert self._running is not None
        return self._running.poll()

    def start(self) -> None:
        """Start it, or start it again; to be called in the main thread, with which it dies."""
        dying = ["setpriv", "--pdeathsig", "KILL", "--"] if sys.platform == "linux" else []
        with self._log_path.open("ab") as log:
            self._running = subprocess.Popen(
                [*dying, sys.executable, *self.program, *self.arguments],
                cwd=self.folder,
                env=environment_with(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def end(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Send a signal and wait for the end; return the exit code. Killed when it hangs."""
        running = self._running
        if running is None:
            return None
        if running.poll() is None:
            running.send_signal(how)
            try:
                await asyncio.to_thread(running.wait, STOP_SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()
                await asyncio.to_thread(running.wait)
        return running.returncode

    @property
    def _log_path(self) -> Path:
        return self.folder / f"{self.name}.log"

    def tail(self) -> str:
        """Return the end of its log, for whoever asks why a test failed."""
        return f"--- {self.name}\n{self.log[-TAIL_CHARACTERS:]}"


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
