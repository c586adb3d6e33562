"""Three RabbitMQ nodes on this machine that are one cluster."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.rabbitmq import RabbitNode

NAMES = ("one", "two", "three")

MEMBERSHIP = """\
cluster_partition_handling = pause_minority
cluster_formation.peer_discovery_backend = classic_config
"""


@dataclass(frozen=True)
class Cluster:
    """Nodes that know each other; a queue of theirs has a leader and two followers."""

    nodes: tuple[RabbitNode, ...]

    def url(self, *without: RabbitNode) -> str:
        """Return one address for all nodes but some."""
        hosts = [f"127.0.0.1:{node.port}" for node in self.nodes if node not in without]
        return f"amqp://guest:guest@{','.join(hosts)}/"

    async def leader(self, queue: str) -> RabbitNode:
        """Return the node that leads a queue."""
        listed = await asyncio.to_thread(self.nodes[0].ctl, "list_queues", "name", "leader")
        leaders = dict(line.split("\t") for line in listed.splitlines() if "\t" in line)
        return next(node for node in self.nodes if node.name == leaders[queue])


@asynccontextmanager
async def cluster(rabbitmq: Path) -> AsyncIterator[Cluster]:
    """Start three nodes, which find each other; they are gone when the block ends."""
    folders = [Path(tempfile.mkdtemp(prefix=f"careloop-rabbitmq-{name}-")) for name in NAMES]
    first = RabbitNode(rabbitmq, folders[0], name=NAMES[0])
    others = [
        RabbitNode(rabbitmq, folder, name=name, epmd_port=first.epmd_port)
        for name, folder in zip(NAMES[1:], folders[1:], strict=True)
    ]
    nodes = (first, *others)
    known = "".join(
        f"cluster_formation.classic_config.nodes.{place} = {node.name}\n"
        for place, node in enumerate(nodes)
    )
    for node in nodes:
        node.configure(MEMBERSHIP + known)
    try:
        for node in nodes:  # one after the other: they would compete for who begins the cluster
            await node.start()
        yield Cluster(nodes)
    finally:
        for node in reversed(nodes):
            await node.close()
        for folder in folders:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
