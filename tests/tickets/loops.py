"""Loop cases as `feedback` opens them, heard by the tickets service."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.tickets.tickets.tables import tickets
from shared.bus.interface import LADDER, Delivery, Exchange, Message, Queue, QueueKind
from shared.clock import utcnow
from shared.contracts.feedback import LoopOpened
from shared.ids import new_id
from shared.inbox.receive import Inbox, receive_into
from shared.messages.contract import Envelope
from tests.support.people import VAULT
from tests.tickets.conftest import Desk
from tests.tickets.steps import SOLUTION, done

CONTACT, RESULT = timedelta(hours=24), timedelta(hours=48)


async def closed_by(customer: Any, desk: Desk, ticket: dict[str, Any]) -> None:
    """Play a filed ticket to its customer's confirmation, in the first team."""
    await done(desk.supervisor, ticket, "assign", {"org_unit_id": str(desk.team)})
    await done(desk.agent, ticket, "replies", {"body": "马上安排。"})
    await done(desk.agent, ticket, "resolve", SOLUTION)
    answer = await customer.post(f"/api/v1/my/tickets/{ticket['id']}/confirm")
    assert answer.status_code == 200, answer.text


def loop_about(
    ticket: dict[str, Any],
    *,
    owner_id: UUID | None = None,
    origin: str = "live",
    opened_at: datetime | None = None,
    case_id: UUID | None = None,
) -> Message:
    """Return the news that a bad answer opened a case."""
    opened_at = opened_at or utcnow()
    loop = LoopOpened(
        case_id=case_id or new_id(),
        ticket_id=UUID(ticket["id"]),
        cycle_no=1,
        customer_id=None,
        kind=ticket["kind"],
        channel="wechat",
        category_id=None,
        org_unit_id=None,
        org_path=(),
        priority="normal",
        tier="l1",
        level=1,
        response_id=new_id(),
        satisfaction=1,
        nps=None,
        solved=False,
        owner_id=owner_id,
        contact_due_at=opened_at + CONTACT,
        result_due_at=opened_at + RESULT,
        opened_at=opened_at,
    )
    return message_of(loop, origin=origin)


def message_of(loop: LoopOpened, *, origin: str = "live") -> Message:
    """Return an event as the bus brings it; a second call is a second message."""
    message_id = new_id()
    envelope = Envelope(
        id=message_id,
        source="careloop/feedback",
        type=loop.TYPE,
        subject=loop.case_id,
        time=loop.opened_at,
        dataschema=loop.key(),
        sequence=1,
        epoch=1,
        origin=origin,
        correlationid="test",
        data=loop.model_dump(mode="json"),
    )
    body = envelope.model_dump_json().encode()
    return Message(message_id, loop.key(), "feedback", Exchange.EVENTS, loop.key(), body)


async def hear(desk: Desk, *messages: Message, ladder: Sequence[float] = LADDER) -> Any:
    """Hand the service one batch; return what it wants to have again."""
    box = Inbox("tickets", desk.database, desk.service.handlers, VAULT, utcnow, ladder)
    receive = receive_into(box, Queue("tickets", QueueKind.EVENTS))
    return await receive([Delivery(one, attempt=0, redelivered=False) for one in messages])


async def recoveries(desk: Desk) -> list[dict[str, Any]]:
    """Return the recovery tickets, oldest first, as the supervisor sees them."""
    statement = select(tickets.c.id).where(tickets.c.kind == "recovery").order_by(tickets.c.number)
    async with desk.database.transaction() as session:
        ids = list(await session.scalars(statement))
    return [(await desk.supervisor.get(f"/api/v1/tickets/{one}")).json() for one in ids]
