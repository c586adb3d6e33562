"""A node of a cluster of three dies, and the others go on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.broker.conftest import OpenWorkshop
from tests.faults.broker.workshop import Workshop
from tests.faults.conftest import Note
from tests.support.cluster import Cluster, cluster
from tests.support.rabbitmq import RabbitNode

pytestmark = [pytest.mark.rabbit, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
async def nodes(rabbit_programs: Path) -> AsyncIterator[Cluster]:
    """Run three nodes; each test starts again what it killed."""
    async with cluster(rabbit_programs) as started:
        yield started


async def outlived(shop: Workshop, victim: RabbitNode) -> float:
    """Kill a node while events are said; return for how many seconds nothing was heard."""
    async with shop.talking() as gap:
        await gap.flows()
        await victim.kill()
        await gap.flows()
    await victim.start()
    await shop.all_is_heard_once()
    return gap.longest_seconds


async def test_the_node_that_leads_the_queues_dies(
    nodes: Cluster, workshop_at: OpenWorkshop, note: Note
) -> None:
    leader = nodes.nodes[0]
    shop = await workshop_at(nodes.url(leader), made_at=leader.url)
    assert await nodes.leader(shop.queue) is leader
    note(f"nothing heard for {await outlived(shop, leader):.1f} s")


async def test_a_node_that_follows_dies(
    nodes: Cluster, workshop_at: OpenWorkshop, note: Note
) -> None:
    leader, _, follower = nodes.nodes
    shop = await workshop_at(leader.url, made_at=leader.url)
    assert await nodes.leader(shop.queue) is leader
    note(f"nothing heard for {await outlived(shop, follower):.1f} s")
