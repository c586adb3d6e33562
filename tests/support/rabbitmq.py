"""A private RabbitMQ node: free ports, its own epmd, a temporary folder, gone with the tests."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support.found import erlang_bin

START_SECONDS = 120
"""4 to 8 s here; a machine whose two cores do everything has needed over 60."""

STOP_SECONDS = 20
"""1 s as a rule; the node flushes its queues."""

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
log.file.level = warning
"""


class RabbitNode:
    """One node; `start` it in the main thread, because it dies with the thread that starts it."""

    def __init__(
        self, rabbitmq: Path, folder: Path, *, name: str = "careloop", epmd_port: int | None = None
    ) -> None:
        """Prepare the folder of a node that runs the programs of `rabbitmq`.

        A node of a cluster has a name of its own, and asks the epmd that its neighbours ask.
        """
        self.folder = folder
        self.name = f"{name}@localhost"
        # Their scripts cannot live in a path with a space, where this checkout may be.
        system, inside = rabbitmq.parents[4], rabbitmq.relative_to(rabbitmq.parents[4])
        (folder / "system").symlink_to(system)
        self.rabbitmq = folder / "system" / inside
        self.port, self._dist_port, own_port = _free_ports(3)
        self.epmd_port = epmd_port or own_port
        self._has_epmd = epmd_port is None
        self._epmd: subprocess.Popen[bytes] | None = None
        self._node: subprocess.Popen[bytes] | None = None
        cookie = folder / ".erlang.cookie"
        cookie.write_text(f"careloop{os.getpid()}")
        cookie.chmod(0o400)
        self.configure()
        (folder / "enabled_plugins").write_text("[].\n")

    def configure(self, more: str = "") -> None:
        """Write the configuration that the next start reads."""
        written = CONFIGURATION.format(port=self.port) + more
        (self.folder / "rabbitmq.conf").write_text(written)

    @property
    def url(self) -> str:
        """Return the address of its first vhost."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    async def start(self) -> None:
        """Start the node, or start it again with what it had, and wait until it speaks AMQP."""
        erlang = erlang_bin(self.rabbitmq)
        if self._has_epmd and self._epmd is None:
            self._epmd = self._spawn(
                str(erlang / "epmd"), "-port", str(self.epmd_port), "-address", "127.0.0.1"
            )
        self._node = self._spawn(str(self.rabbitmq / "sbin/rabbitmq-server"), "-noinput")
        deadline = time.monotonic() + START_SECONDS
        while not await self.answers():
            if self._node.poll() is not None or time.monotonic() > deadline:
                log = (self.folder / "output.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"RabbitMQ did not start:\n{log}")
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stop the node as an operator would."""
        await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End the node at once, as a power cut would.

        RabbitMQ 3.10 writes its list of quorum queues to disk only every few seconds: a queue that
        is younger never gets a leader again. What is tested here are older queues, so write it.
        """
        await asyncio.to_thread(self.ctl, "eval", "lists:foreach(fun dets:sync/1, dets:all()).")
        await self._end(signal.SIGKILL)

    async def restart(self) -> None:
        """Stop the node and start it with what it had."""
        await self.stop()
        await self.start()

    async def answers(self) -> bool:
        """Return whether the node speaks AMQP now."""
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    writer.write(PROTOCOL_HEADER)
                    return await reader.readexactly(1) == b"\x01"
                finally:
                    writer.close()
                    await writer.wait_closed()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl (0.5 s: it starts a virtual machine) and return what it prints."""
        done = subprocess.run(
            [str(self.rabbitmq / "sbin/rabbitmqctl"), "-q", *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"rabbitmqctl {' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    async def messages(self) -> dict[str, int]:
        """Return how many messages each queue has, those on the way to a consumer included."""
        listed = await asyncio.to_thread(self.ctl, "list_queues", "name", "messages")
        named = (line.split("\t") for line in listed.splitlines() if "\t" in line)
        return {name: int(count) for name, count in named if count.isdigit()}

    async def close(self) -> None:
        """End the node and its epmd for good."""
        await self._end(signal.SIGKILL)
        if self._epmd is not None:
            self._epmd.terminate()
            await asyncio.to_thread(self._epmd.wait, STOP_SECONDS)
            self._epmd = None

    async def _end(self, how: signal.Signals) -> None:
        node, self._node = self._node, None
        if node is not None:
            node.send_signal(how)
            await asyncio.to_thread(node.wait, STOP_SECONDS)

    def _spawn(self, *command: str) -> subprocess.Popen[bytes]:
        linux = sys.platform.startswith("linux")
        dying = ["setpriv", "--pdeathsig", "TERM", "--"] if linux else []
        with (self.folder / "output.log").open("ab") as log:
            return subprocess.Popen(
                [*dying, *command],
                env=self._environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _environment(self) -> dict[str, str]:
        folder, erlang = str(self.folder), erlang_bin(self.rabbitmq)
        return {
            "PATH": f"{erlang}:{os.environ['PATH']}",
            "HOME": folder,
            "LC_ALL": "C.UTF-8",
            "ERL_ROOTDIR": str(erlang.parent),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": f"{folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_CONF_ENV_FILE": "none",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none"
            ),
        }


async def start_node(rabbitmq: Path, *, tries: int = 2) -> RabbitNode:
    """Start a node in a new temporary folder; a free port can be taken meanwhile, so try twice."""
    node = RabbitNode(rabbitmq, Path(tempfile.mkdtemp(prefix="careloop-rabbitmq-")))
    try:
        await node.start()
    except RuntimeError:
        await remove_node(node)
        if tries == 1:
            raise
        return await start_node(rabbitmq, tries=tries - 1)
    return node


async def remove_node(node: RabbitNode) -> None:
    """End a node and delete its folder."""
    await node.close()
    await asyncio.to_thread(shutil.rmtree, node.folder, ignore_errors=True)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
