"""The composed system under an operator's hands: scaled, killed, restarted, taken down and up."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.test_e1 import unpublished
from tests.support.company import Caller, Company, found_company
from tests.support.composed import Composed, answers_everywhere, composed
from tests.support.patience import becomes

COMMAND = os.environ.get("CARELOOP_TEST_COMPOSE")

pytestmark = pytest.mark.skipif(
    COMMAND is None, reason="runs with `make test-containers`: it needs a container engine"
)

COMPLAINTS = 30
REPLICAS = {"tickets-worker": 3, "tickets-api": 2}
PATIENCE_SECONDS = 300
"""Containers restart, a broker elects itself, retries wait: minutes on a loaded machine."""


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[Composed]:
    async with composed(str(COMMAND), tmp_path, {}) as running:
        yield running


@pytest.mark.timeout(1500)
async def test_nothing_is_lost_when_containers_are_killed_scaled_and_taken_down(
    system: Composed,
) -> None:
    company = await found_company(system.running)
    customer = await company.customer("wang", "wang@example.com")
    await health_is_nobodys_path(system)
    await nobody_speaks_in_another_name(system, company)
    for name in REPLICAS:
        await up(system, name)
    await becomes(lambda: consumers(system, "tickets.letters"), REPLICAS["tickets-worker"])
    faults = asyncio.create_task(trouble(system))
    closed = [await closed_complaint(company, customer, number) for number in range(COMPLAINTS)]
    await faults
    assert len({ticket["id"] for ticket in closed}) == COMPLAINTS

    await system.compose("down", "--remove-orphans", "--timeout", "30")
    await system.compose("up", "--detach")
    await answers_everywhere(system.running.client)
    await becomes(lambda: books(company), BALANCED, patience=PATIENCE_SECONDS)
    await becomes(lambda: unpublished(company), 0, patience=PATIENCE_SECONDS)
    assert await company.figures("complaint_count") == {"complaint_count": COMPLAINTS}


BALANCED = {"closed": COMPLAINTS, "asked": COMPLAINTS, "balanced": True, "differences": []}


FORGERY = """
import asyncio
from shared.bus.interface import BusUnavailableError, Exchange, Message
from shared.bus.rabbit.bus import RabbitBus
from shared.contracts.registry import may_send
from shared.ids import new_id
from shared.settings import CommonSettings

async def forge():
    bus = RabbitBus(CommonSettings().broker_url, service="feedback", may_send=may_send)
    closed = Message(
        new_id(), "ticket.closed.v1", "tickets", Exchange.REQUEUE, "surveys.events", b"{}"
    )
    confirmed = set()
    while closed.id not in confirmed:
        try:
            confirmed = await bus.publish([closed])
        except BusUnavailableError:  # a machine that does much else at once
            await asyncio.sleep(1)
    await bus.close()
    print(closed.id)

asyncio.run(asyncio.wait_for(forge(), 60))
"""


async def nobody_speaks_in_another_name(system: Composed, company: Company) -> None:
    """Let feedback, with its own password, tell surveys of a closing as if it were tickets."""
    forged = await system.compose("exec", "-T", "feedback-worker", "python", "-", said=FORGERY)

    async def aside() -> list[tuple[str, str]]:
        shown = await company.operator.get("/surveys/dead-letters")
        return [(one["message_id"], one["reason"]) for one in shown["data"]]

    await becomes(aside, [(forged.strip(), "foreign")])


async def health_is_nobodys_path(system: Composed) -> None:
    """Ask the gateway for what only containers ask each other and themselves."""
    for path in ("/livez", "/readyz", "/metrics", "/gateway"):
        answer = await system.running.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


async def books(company: Company) -> dict[str, Any]:
    """Return how many were closed, and of how many it is known whether they were asked."""
    shown = await company.books()
    asked = shown["invited"] + shown["suppressed"]
    return {
        "closed": shown["closed"],
        "asked": asked,
        "balanced": shown["balanced"],
        "differences": shown["differences"],
    }


async def trouble(system: Composed) -> None:
    """Kill and restart what an operator might, while complaints are closed."""
    for name in ("tickets-worker", "surveys-worker", "tickets-api"):
        await system.compose("kill", "--signal", "KILL", name)
        await up(system, name)
    await system.compose("restart", "--timeout", "30", "rabbitmq")
    await system.compose("restart", "--timeout", "10", "reporting-worker")


async def up(system: Composed, name: str) -> None:
    """Start what is not there of a service's replicas."""
    replicas = f"{name}={REPLICAS.get(name, 1)}"
    await system.compose("up", "--detach", "--scale", replicas, name)


async def consumers(system: Composed, queue: str) -> int:
    """Return how many consume a queue, as the broker has it."""
    asked = ("rabbitmqctl", "--quiet", "list_queues", "name", "consumers")
    listed = await system.compose("exec", "-T", "rabbitmq", *asked)
    found = dict(line.split() for line in listed.splitlines() if line.startswith("careloop."))
    return int(found[f"careloop.{queue}"])


async def closed_complaint(company: Company, customer: Caller, number: int) -> Any:
    """Play a complaint to its closing, over a line that may break."""
    words = {"subject": f"表具故障 {number}", "description": "已经三天没有人上门"}
    ticket = await customer.insists("/my/tickets", {"kind": "complaint"} | words)
    path = f"/tickets/{ticket['id']}"
    await company.agent.insists(f"{path}/replies", {"body": "今天下午两点上门"})
    solution = {"reason": "solved", "solution": "已更换表具。"}
    await company.agent.insists(f"{path}/resolve", solution)
    await customer.insists(f"/my{path}/confirm")
    return ticket
