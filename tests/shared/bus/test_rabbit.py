"""What only RabbitMQ can do to us."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import aio_pika
import pytest

from shared.bus.interface import (
    BusUnavailableError,
    Delivery,
    Exchange,
    Message,
    QueueKind,
)
from shared.bus.rabbit import publisher
from shared.bus.rabbit.bus import RabbitBus
from shared.bus.rabbit.line import Line, hosts_of
from shared.bus.rights import rights
from shared.bus.topology import Names, definitions
from shared.ids import new_id
from tests.shared.bus.conftest import Broker
from tests.shared.bus.probe import Ear, event
from tests.shared.bus.worlds import CLOSED, DEAD, LADDER, QUEUES, RabbitWorld, may_send, queue_of
from tests.support.patience import until
from tests.support.processes import free_ports
from tests.support.rabbitmq import RabbitNode

pytestmark = pytest.mark.rabbit


@pytest.fixture
def node(broker: Broker) -> RabbitNode:
    if broker.node is None:
        pytest.skip("the broker of CARELOOP_TEST_AMQP_URL is not ours to administer")
    return broker.node


@pytest.fixture
async def world(broker: Broker) -> AsyncIterator[RabbitWorld]:
    made = RabbitWorld(100, url=broker.url, node=broker.node)
    yield made
    await made.close()


async def test_more_messages_than_a_window_are_all_confirmed(world: RabbitWorld) -> None:
    ear = Ear()
    await world.listen("surveys", ear)
    await until(world.bus("surveys").connected)
    messages = [event() for _ in range(2 * publisher.WINDOW + 1)]

    confirmed = await world.bus("tickets").publish(messages)

    assert confirmed == {message.id for message in messages}
    await until(lambda: set(ear.ids) == confirmed)


async def test_what_is_said_before_a_service_first_runs_waits_for_it(world: RabbitWorld) -> None:
    migrating = RabbitBus(world.url, service="surveys", may_send=may_send, prefix=world.prefix)
    await migrating.prepare(QUEUES)
    await migrating.close()
    message = event()
    await world.bus("tickets").publish([message])

    ear = Ear()
    await world.listen("surveys", ear)

    await until(lambda: ear.ids == [message.id])


async def test_what_is_no_message_of_ours_is_kept_among_the_dead(world: RabbitWorld) -> None:
    ear, dead = Ear(), Ear()
    await world.listen("surveys", ear)
    await world.listen("surveys", dead, DEAD)
    await until(world.bus("surveys").connected)

    connection = await aio_pika.connect(world.url)
    async with connection, connection.channel() as channel:
        exchange = await channel.get_exchange(f"{world.prefix}.events")
        await exchange.publish(aio_pika.Message(b"\xff garbage"), CLOSED)

    await until(lambda: bool(dead.heard))
    assert ear.heard == []
    assert dead.heard[0].foreign
    assert dead.heard[0].message.body == b"\xff garbage"
    assert dead.heard[0].message.key == "surveys.events"


async def test_a_queue_deleted_under_its_consumer_is_made_again(
    world: RabbitWorld, node: RabbitNode
) -> None:
    ear = Ear()
    await world.listen("surveys", ear)
    await until(world.bus("surveys").connected)

    await asyncio.to_thread(node.ctl, "delete_queue", f"{world.prefix}.surveys.events")
    await until(lambda: not world.bus("surveys").connected())
    await until(world.bus("surveys").connected)
    message = event()
    await world.bus("tickets").publish([message])

    await until(lambda: ear.ids == [message.id])


async def test_a_broker_in_alarm_takes_nothing_and_no_retry_is_lost(
    world: RabbitWorld, node: RabbitNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "WINDOW_SECONDS", 1.0)
    failed = asyncio.Event()
    answered = asyncio.Event()
    heard: list[Delivery] = []

    async def fails_once(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        heard.extend(deliveries)
        failed.set()
        await answered.wait()
        return {d.message.id: LADDER[0] for d in deliveries if d.attempt == 0}

    await world.listen("surveys", fails_once)
    await until(world.bus("surveys").connected)
    message = event()
    await world.bus("tickets").publish([message])
    await failed.wait()

    await asyncio.to_thread(node.ctl, "set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        answered.set()
        with pytest.raises(BusUnavailableError):
            await world.bus("tickets").publish([event()])
        assert world.bus("surveys").connected()
        assert heard == [Delivery(message, 0, redelivered=False)]
    finally:
        await asyncio.to_thread(node.ctl, "set_vm_memory_high_watermark", "absolute", "1GB")

    await until(lambda: Delivery(message, 1, redelivered=False) in heard)
    # What was in doubt while the alarm lasted may come twice; nothing was given back meanwhile.
    attempts = [delivery for delivery in heard if delivery.message == message]
    assert {(delivery.attempt, delivery.redelivered) for delivery in attempts} == {
        (0, False),
        (1, False),
    }


async def test_a_message_whose_retry_is_not_confirmed_is_not_acknowledged(
    world: RabbitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    async def takes_nothing(*_: object) -> set[UUID]:
        tried.set()
        raise BusUnavailableError("the broker takes nothing now")

    bus = world.bus("surveys")
    monkeypatch.setattr(bus, "retry", takes_nothing)
    message = event()
    subscription = await world.listen("surveys", Ear(lambda _: {message.id: LADDER[0]}))
    await until(bus.connected)
    await world.bus("tickets").publish([message])
    await tried.wait()
    await subscription.stop()

    world.forget()
    ear = Ear()
    await world.listen("surveys", ear)
    await until(lambda: bool(ear.heard))
    assert ear.heard == [Delivery(message, 0, redelivered=True)]


@pytest.fixture
async def vouching(
    broker: Broker, node: RabbitNode, tmp_path: Path
) -> AsyncIterator[Callable[[str], RabbitBus]]:
    """A broker that was given our definitions and a user for each service."""
    prefix = f"v{new_id().hex[-10:]}"
    names = Names(prefix)
    file = tmp_path / "definitions.json"
    file.write_text(json.dumps(definitions(QUEUES, prefix=prefix, ladder=LADDER)))
    await asyncio.to_thread(node.ctl, "import_definitions", str(file))
    says = {
        "tickets": [CLOSED],
        "surveys": ["survey.invited.v1"],
        "reporting": ["alert.opened.v1"],
        "integrations": ["crm.case_received.v1"],
    }
    for service, keys in says.items():
        user, may = names.user(service), rights(names, service, keys)
        commands = [
            ("add_user", user, "secret"),
            ("set_permissions", user, may.configure, may.write, may.read),
            ("set_topic_permissions", user, f"{prefix}.events", may.say, ".*"),
        ]
        for command in commands:
            await asyncio.to_thread(node.ctl, *command)
    buses: list[RabbitBus] = []

    def bus_of(service: str) -> RabbitBus:
        host = urlsplit(broker.url)
        url = f"amqp://{names.user(service)}:secret@{host.hostname}:{host.port}/"
        made = RabbitBus(url, service=service, may_send=may_send, prefix=prefix, ladder=LADDER)
        buses.append(made)
        return made

    yield bus_of
    for bus in buses:
        await bus.close()


async def test_with_a_user_a_service_the_broker_vouches_for_the_sender(
    vouching: Callable[[str], RabbitBus],
) -> None:
    names = ("tickets", "surveys", "reporting", "integrations")
    tickets, surveys, reporting, integrations = (vouching(name) for name in names)

    def once_more(deliveries: Sequence[Delivery]) -> Mapping[UUID, float]:
        return {d.message.id: LADDER[0] for d in deliveries if d.attempt == 0}

    ear, dead = Ear(once_more), Ear()
    running = [
        await surveys.subscribe(queue_of("surveys"), ear),
        await surveys.subscribe(queue_of("surveys", DEAD), dead),
    ]
    await until(surveys.connected)

    def to_surveys() -> Message:
        return Message(new_id(), CLOSED, "tickets", Exchange.REQUEUE, "surveys.events", b"{}")

    honest, replayed, snapshot, past, slipped_in = event(), *(to_surveys() for _ in range(4))
    assert await tickets.publish([honest]) == {honest.id}
    assert await surveys.publish([replayed]) == {replayed.id}
    assert await tickets.publish([snapshot]) == {snapshot.id}
    assert await reporting.publish([past]) == {past.id}
    assert await integrations.publish([slipped_in]) == {slipped_in.id}

    wanted = {(one.id, 2) for one in (honest, replayed, snapshot, past)}
    await until(lambda: {(i, ear.ids.count(i)) for i in ear.ids} == wanted)
    await until(lambda: bool(dead.heard))
    assert [(d.message.id, d.foreign) for d in dead.heard] == [(slipped_in.id, True)]
    for subscription in running:
        await subscription.stop()


async def test_the_definitions_say_what_a_service_would_declare_and_the_limit(
    vouching: Callable[[str], RabbitBus], broker: Broker, node: RabbitNode
) -> None:
    prefix = vouching("surveys").passport.names.prefix
    bus = RabbitBus(broker.url, service="surveys", may_send=may_send, prefix=prefix, ladder=LADDER)
    # RabbitMQ refuses to declare what exists with other arguments.
    running = [await bus.subscribe(queue_of("surveys", kind), Ear()) for kind in QueueKind]
    async with asyncio.timeout(10):
        await until(bus.connected)

    listed = await asyncio.to_thread(node.ctl, "list_queues", "name", "policy")
    limited = {line.split()[0] for line in listed.splitlines() if f"{prefix}-work" in line}
    assert limited >= {f"{prefix}.surveys.events", f"{prefix}.surveys.letters"}
    assert f"{prefix}.surveys.dead" not in limited

    for subscription in running:
        await subscription.stop()
    await bus.close()


async def test_with_a_user_a_service_nobody_can_say_what_is_not_his(
    vouching: Callable[[str], RabbitBus],
) -> None:
    forged = event(sender="tickets")

    with pytest.raises(BusUnavailableError, match="ACCESS_REFUSED"):
        await vouching("surveys").publish([forged])


async def test_what_the_operator_has_not_loaded_is_named_with_what_to_do(
    vouching: Callable[[str], RabbitBus], node: RabbitNode
) -> None:
    bus = vouching("surveys")
    shelf = bus.passport.names.unrouted
    await asyncio.to_thread(node.ctl, "delete_queue", shelf)

    with pytest.raises(BusUnavailableError) as told:
        await bus.publish([event(sender="surveys")])

    assert f"no queue '{shelf}'" in str(told.value)
    assert str(told.value).endswith("load deploy/rabbitmq/definitions.json into the broker")


async def test_of_several_hosts_the_one_that_answers_is_taken(broker: Broker) -> None:
    (nobody,) = free_ports(1)
    url = broker.url.replace("@", f"@127.0.0.1:{nobody},", 1)
    for _ in range(8):  # each begins with any of them
        line = Line(url, "several hosts")
        await line.channel()
        await line.drop()


async def test_where_no_host_answers_the_broker_is_away() -> None:
    first, second = free_ports(2)
    line = Line(f"amqp://guest:guest@127.0.0.1:{first},127.0.0.1:{second}/", "nobody")
    with pytest.raises(BusUnavailableError, match="Errno 111"):
        await line.channel()


def test_every_host_is_asked_with_the_same_user_vhost_and_options() -> None:
    assert hosts_of("amqp://user:s%2Cecret@one:5673,two/vhost?heartbeat=5") == [
        "amqp://user:s%2Cecret@one:5673/vhost?heartbeat=5",
        "amqp://user:s%2Cecret@two/vhost?heartbeat=5",
    ]
    assert hosts_of("amqp://one/") == ["amqp://one/"]
