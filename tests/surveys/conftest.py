"""The surveys service with its inbox, its sweeps and its doors, on a database of its own."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select, update

from services.surveys.invitations.links import token_of
from services.surveys.invitations.send_invitations import Sending, expire_due, remind_due, send_due
from services.surveys.invitations.tables import invitations
from services.surveys.service import create_service
from services.surveys.settings import SurveySettings
from shared.bus.interface import Delivery, Exchange, Message, Queue, QueueKind
from shared.clock import utcnow
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.ids import new_id
from shared.inbox.receive import Inbox, receive_into
from shared.outbox.tables import outbox
from shared.service import Service
from shared.settings import CommonSettings
from tests.support.databases import Databases
from tests.support.people import KEYS, VAULT, People

CLOSED_AT = utcnow().replace(microsecond=0)


@dataclass
class Heard:
    """An event as it was published once; hearing it again is hearing the same message."""

    message: Message

    @property
    def delivery(self) -> Delivery:
        return Delivery(self.message, attempt=0, redelivered=False)


@dataclass
class Surveys:
    """What the tests do to the service, and what they see of it."""

    service: Service
    database: Database
    people: People
    settings: SurveySettings = field(default_factory=SurveySettings)

    async def hear(self, *events: Heard) -> None:
        """Hand the service one batch of events."""
        queue = Queue(self.service.name, QueueKind.EVENTS)
        box = Inbox(self.service.name, self.database, self.service.handlers, VAULT, utcnow)
        again = await receive_into(box, queue)([event.delivery for event in events])
        assert again == {}

    async def send(self, now: datetime | None = None) -> int:
        """Let the sweeps send, remind and expire what is due."""
        now = now or utcnow()
        sending = Sending(VAULT, self.settings.timing, "http://careloop.test")
        async with self.database.transaction() as session:
            return (
                await send_due(session, sending, now=now)
                + await remind_due(session, sending, now=now)
                + await expire_due(session, now=now)
            )

    async def rows(self) -> Sequence[Any]:
        """Return the invitations, in the order of ticket and cycle."""
        order = (invitations.c.ticket_id, invitations.c.cycle_no)
        async with self.database.transaction() as session:
            return (await session.execute(select(invitations).order_by(*order))).all()

    async def said(self, *types: str) -> list[Any]:
        """Return what the service said of these types, in the order of its writing."""
        statement = select(outbox).where(outbox.c.type.in_(types)).order_by(outbox.c.id)
        async with self.database.transaction() as session:
            return list(await session.execute(statement))

    async def token(self) -> str:
        """Return the link's token of the only invitation."""
        (row,) = await self.rows()
        return token_of(VAULT, row.id, row.token_sealed)

    async def invited(self, **changes: Any) -> str:
        """Close a complaint, send its invitation, and return the link's token."""
        await self.hear(closed(**changes))
        await self.send()
        return await self.token()

    async def age(self, by: timedelta) -> None:
        """Let time pass for the only invitation."""
        async with self.database.transaction() as session:
            await session.execute(
                update(invitations).values(
                    remind_at=invitations.c.remind_at - by,
                    expires_at=invitations.c.expires_at - by,
                )
            )


def event(
    contract_type: str, data: dict[str, Any], *, subject: UUID, origin: str = "live"
) -> Heard:
    """Return an event as the bus would bring it."""
    message_id = new_id()
    name, _, version = contract_type.rpartition(".v")
    sender = "integrations" if name.startswith("notification") else "tickets"
    body = {
        "specversion": "1.0",
        "id": message_id,
        "source": f"careloop/{sender}",
        "type": name,
        "subject": subject,
        "time": datetime.now(UTC),
        "datacontenttype": "application/json",
        "dataschema": f"{name}.v{version}",
        "sequence": 1,
        "epoch": 1,
        "origin": origin,
        "correlationid": "test",
        "data": data,
    }
    return Heard(
        Message(
            message_id,
            f"{name}.v{version}",
            sender,
            Exchange.EVENTS,
            contract_type,
            orjson.dumps(body),
        )
    )


TICKET = new_id()


def ticket_facts(ticket_id: UUID, cycle_no: int) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "cycle_no": cycle_no,
        "kind": "complaint",
        "channel": "wechat",
        "category_id": None,
        "org_unit_id": None,
        "org_path": [],
        "priority": "normal",
        "tier": "l1",
        "customer_id": new_id(),
    }


def closed(
    ticket_id: UUID = TICKET, cycle_no: int = 1, *, origin: str = "live", **changes: Any
) -> Heard:
    """Return the closing of a cycle."""
    data = ticket_facts(ticket_id, cycle_no) | {
        "close_actor": "customer",
        "resolution_reason": "solved",
        "requester": "customer",
        "created_at": CLOSED_AT - timedelta(hours=5),
        "resolved_at": CLOSED_AT - timedelta(hours=1),
        "closed_at": CLOSED_AT,
    }
    return event("ticket.closed.v1", data | changes, subject=ticket_id, origin=origin)


def reopened(ticket_id: UUID = TICKET, cycle_no: int = 2) -> Heard:
    """Return the reopening that begins a cycle."""
    data = ticket_facts(ticket_id, cycle_no) | {
        "reason": "not_solved",
        "resolution_due_at": CLOSED_AT + timedelta(days=2),
        "reopened_at": CLOSED_AT + timedelta(seconds=1),
    }
    return event("ticket.reopened.v1", data, subject=ticket_id)


def delivered(invitation_id: UUID, at: datetime) -> Heard:
    """Return the news that an invitation's notice arrived."""
    notification_id = new_id()
    data = {
        "notification_id": notification_id,
        "template": "survey_invitation",
        "reference_kind": "survey_invitation",
        "reference_id": str(invitation_id),
        "channel": "email",
        "delivered_at": at,
    }
    return event("notification.delivered.v1", data, subject=notification_id)


@pytest.fixture
async def surveys(databases: Databases) -> AsyncIterator[Surveys]:
    """Open the service on a database of its own."""
    service = create_service(CommonSettings(), VAULT, SurveySettings())
    database = await databases.open(service)
    people = People(create_app(service, Ground(database, VAULT, KEYS)), database)
    yield Surveys(service, database, people)
    await people.leave()
