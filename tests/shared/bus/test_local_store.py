"""What the contract cannot see: the bus without a broker asks only where there is work."""

from shared.bus.local_store import claim, queues_with_work, settle, store
from tests.shared.bus.probe import event
from tests.shared.bus.worlds import local_world
from tests.support.databases import Databases


async def test_only_a_queue_with_something_due_has_work(databases: Databases) -> None:
    world = await local_world(databases, 100)
    names = ["surveys.events", "surveys.letters"]
    message = event()

    async with world.databases["surveys"].transaction() as session:
        assert await queues_with_work(session, names) == []
        await store(session, [("surveys.events", message), ("tickets.events", event())])
        assert await queues_with_work(session, names) == ["surveys.events"]

        await claim(session, "surveys.events", 10)
        assert await queues_with_work(session, names) == []
        await settle(session, "surveys.events", [message.id], {message.id: 3600.0})
        assert await queues_with_work(session, names) == []
        await settle(session, "surveys.events", [message.id], {message.id: 0.0})
        assert await queues_with_work(session, names) == ["surveys.events"]
