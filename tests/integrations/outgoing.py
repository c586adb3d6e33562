"""A partner who is subscribed to events, and what is sent to him."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

from shared.bus.interface import Message
from shared.clock import utcnow
from shared.contracts.privacy import CustomerErased
from shared.ids import new_id
from tests.integrations.conftest import Edge, Edges
from tests.integrations.letters import message_of
from tests.support.partner import Partner
from tests.support.people import Person

HOOKS = "/api/v1/webhooks"
LOG = "/api/v1/webhook-deliveries"


def erased(*, epoch: int = 1, origin: str = "live", time: datetime | None = None) -> Message:
    """Return an event that partners may want."""
    customer_id = new_id()
    data = CustomerErased(customer_id=customer_id, erased_at=time or utcnow())
    return message_of(data, customer_id, epoch=epoch, origin=origin, time=time)


async def deliver(edge: Edge, now: datetime | None = None) -> None:
    """Let every lane work until nothing is due any more."""
    lanes = [sweep for sweep in edge.service.sweeps if sweep.name.startswith("webhooks_")]
    at = now or utcnow()

    async def work(lane: Any) -> None:
        while await lane.run(edge.database, at):
            pass

    await asyncio.gather(*(work(lane) for lane in lanes))


@dataclass
class Desk:
    """An administrator and what he does with subscriptions."""

    edge: Edge
    admin: Person

    async def subscribe(self, partner: Partner, *types: str, path: str = "/hook") -> dict[str, Any]:
        """Subscribe a partner's server; the answer has the secret."""
        body = {"url": partner.url(path), "event_types": list(types or ("customer.erased",))}
        answer = await self.admin.post(HOOKS, body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def webhook(self, webhook_id: str) -> dict[str, Any]:
        """Return a subscription as it is shown."""
        return dict((await self.admin.get(f"{HOOKS}/{webhook_id}")).json())

    async def deliveries(self, **filters: str) -> list[dict[str, Any]]:
        """Return deliveries, newest first."""
        answer = await self.admin.get(LOG, params=filters)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    async def delivery(self) -> dict[str, Any]:
        """Return the only delivery with its log."""
        (found,) = await self.deliveries()
        return dict((await self.admin.get(f"{LOG}/{found['id']}")).json())

    async def does(self, path: str, body: Any = None) -> dict[str, Any]:
        """Do something that must succeed."""
        answer = await self.admin.post(path, body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def delete(self, path: str, version: int | None) -> httpx.Response:
        """Take something away."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await self.admin.client.delete(path, headers=headers)

    async def patch(self, path: str, body: Any, version: int | None) -> httpx.Response:
        """Change something."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return await self.admin.client.patch(path, json=body, headers=headers)


async def desk(edges: Edges, **own: object) -> Desk:
    """Open the service with settings of its own; partners on this machine are allowed."""
    edge = await edges(own=own, egress_allow="127.0.0.1")
    return Desk(edge, await hired(edge, "admin"))


async def hired(edge: Edge, role: str) -> Person:
    """Hire somebody who signs in."""
    staff_id = await edge.staff(role)
    return edge.people.bearing(staff_id, await edge.token(role=role, subject=str(staff_id)))


def key() -> str:
    """Return a new Idempotency-Key."""
    return str(uuid4())
