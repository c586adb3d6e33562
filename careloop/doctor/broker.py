"""The broker as one service sees it: its queues, who listens, and what the service may say."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from careloop.doctor.findings import Finding, ok, warning, wrong
from shared.bus.interface import LADDER, BusUnavailableError
from shared.bus.rabbit.inspection import (
    QueueState,
    broker_version,
    missing_exchanges,
    queue_state,
    refused_messages,
)
from shared.bus.rabbit.line import Line
from shared.bus.topology import Names, ground, of_service
from shared.contracts.registry import EVENTS, may_send
from shared.remedies import remedy
from shared.service import Service
from shared.settings import CommonSettings

OLDEST: Final = (3, 10)
DEEP: Final = 10_000
"""A worker takes some 1,000 a second; ten seconds of work are a burst, more is too few workers."""


async def examine_broker(service: Service, common: CommonSettings) -> AsyncIterator[Finding]:
    """Look at the broker with the rights that the service itself has; nothing is changed."""
    part, url = f"broker of {service.name}", common.broker_url
    if url is None:
        yield ok("broker", "connection", "none is set: messages wait in the databases")
        return
    line = Line(url, f"{common.amqp_prefix}-{service.name} is examined")
    try:
        yield _version(part, await broker_version(line))
        names = Names(common.amqp_prefix)
        plans = [ground(names, LADDER), of_service(names, service.name, service.queues)]
        missing = await missing_exchanges(line, plans)
        states = [await queue_state(line, plan) for one in plans for plan in one.queues]
        found = _topology(part, service.name, missing, states)
        yield found
        for one in _queues(part, names, service, states):
            yield one
        if not found.do:
            yield await _rights(part, line, names, service.name)
    except (BusUnavailableError, ValueError, TimeoutError) as error:
        yield wrong(part, "connection", remedy(error) or str(error), do="Then ask again")
    finally:
        await line.drop()


def _version(part: str, version: str) -> Finding:
    number = tuple(int(word) for word in version.split(".")[:2] if word.isdigit())
    if number < OLDEST:
        return wrong(part, "version", f"RabbitMQ {version} is too old", do="Move to 3.10 or newer")
    return ok(part, "version", f"RabbitMQ {version}")


def _topology(
    part: str, service: str, exchanges: Sequence[str], states: Sequence[QueueState]
) -> Finding:
    missing = [*exchanges, *(state.name for state in states if state.missing)]
    if missing:
        do = f"careloop migrate {service}, or load deploy/rabbitmq/definitions.json"
        return wrong(part, "topology", f"it lacks {', '.join(missing)}", do=do)
    other = [state.name for state in states if state.other]
    if other:
        do = f"Let it run empty, delete it in the broker, then careloop migrate {service}"
        return wrong(part, "topology", f"{', '.join(other)} was made otherwise", do=do)
    return ok(part, "topology", f"{len(states)} queues are as they must be")


def _queues(
    part: str, names: Names, service: Service, states: Sequence[QueueState]
) -> list[Finding]:
    """Find queues that nobody listens to, deep ones, and what nobody has bound."""
    own = {names.queue(queue.name) for queue in service.queues}
    mine = [state for state in states if state.name in own and not state.missing]
    deaf = [state.name for state in mine if not state.consumers]
    found = []
    if deaf:
        do = f"Start it, and see its log: careloop worker {service.name}"
        found.append(wrong(part, "consumers", f"nobody listens to {', '.join(deaf)}", do=do))
    deep = [f"{state.name} ({state.messages})" for state in mine if state.messages > DEEP]
    if deep:
        found.append(
            warning(part, "depth", f"much waits in {', '.join(deep)}", do="Start more workers")
        )
    strays = sum(state.messages for state in states if state.name == names.unrouted)
    if strays:
        do = "Run every service's migration; what one has missed comes by careloop snapshot"
        found.append(warning("broker", "unrouted", f"{strays} messages nobody has bound", do=do))
    waiting = sum(state.messages for state in mine)
    return found or [ok(part, "queues", f"somebody listens to each, {waiting} messages wait")]


async def _rights(part: str, line: Line, names: Names, service: str) -> Finding:
    keys = sorted(key for key in EVENTS if may_send(service, key))
    refused = await refused_messages(line, names, keys)
    if refused:
        do = "Give its user the topic permissions of deploy/rabbitmq"
        return wrong(part, "rights", f"it may not say {', '.join(refused)}", do=do)
    return ok(part, "rights", f"it may say its {len(keys)} events")
