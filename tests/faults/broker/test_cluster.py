"""Nodes of a cluster of three die: with a majority left it goes on, without one it waits."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.broker.conftest import OpenWorkshop
from tests.faults.broker.workshop import Workshop
from tests.faults.conftest import Note
from tests.support.cluster import Cluster, cluster
from tests.support.patience import becomes
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
        try:
            await gap.flows()
        finally:
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


async def test_the_nodes_that_the_clients_use_die_one_after_the_other(
    nodes: Cluster, workshop_at: OpenWorkshop, note: Note
) -> None:
    leader, *used = nodes.nodes
    shop = await workshop_at(nodes.url(leader), made_at=leader.url)
    gaps = [await outlived(shop, node) for node in used]
    note("nothing heard for " + " and ".join(f"{gap:.1f} s" for gap in gaps))


async def test_two_nodes_of_three_die_and_what_is_said_waits_for_them(
    nodes: Cluster, workshop_at: OpenWorkshop, note: Note
) -> None:
    shop = await workshop_at(nodes.url())
    await shop.say(100)
    await shop.all_is_heard_once()
    _, *victims = nodes.nodes
    await asyncio.gather(*(node.kill() for node in victims))
    await becomes(shop.connected, expected=False)
    await shop.say(100)
    assert (await shop.state())["unsaid"] == 100
    begun = time.monotonic()
    await asyncio.gather(*(node.start() for node in victims))
    await shop.all_is_heard_once()
    note(f"all was heard {time.monotonic() - begun:.1f} s after they began to start")
