"""Events as the services say them, made in bulk."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from bench.ground import team
from shared.bus.interface import Exchange, Message
from shared.contracts.tickets import TicketClosed, TicketCreated, TicketEvent, TicketResolved
from shared.ids import new_id

STEPS: tuple[type[TicketEvent], ...] = (TicketCreated, TicketResolved, TicketClosed)


def lives(count: int) -> Iterator[Message]:
    """Give the events of so many tickets, from the opening to the closing, ticket after ticket."""
    for number in range(count):
        ticket_id = new_id()
        for sequence, step in enumerate(STEPS, start=1):
            yield message(step, ticket_id, number, sequence)


def closings(count: int) -> Iterator[Message]:
    """Give the closings of so many tickets."""
    for number in range(count):
        yield message(TicketClosed, new_id(), number, sequence=3)


def message(event: type[TicketEvent], ticket_id: UUID, number: int, sequence: int) -> Message:
    """Return an event of a ticket as the relay hands it to the bus."""
    now, unit = datetime.now(UTC), team(number)
    created = now - timedelta(hours=1 + number % 48)
    known: dict[str, Any] = {
        "ticket_id": ticket_id,
        "cycle_no": 1,
        "kind": "complaint",
        "channel": "wechat",
        "category_id": None,
        "org_unit_id": unit,
        "org_path": (unit,),
        "priority": "normal",
        "tier": "l1",
        "customer_id": new_id(),
        "close_actor": "agent",
        "resolution_reason": "solved",
        "requester": "customer",
        "created_at": created,
        "first_response_due_at": created + timedelta(minutes=30),
        "resolution_due_at": created + timedelta(days=2),
        "resolved_at": now - timedelta(minutes=1),
        "customer_messages": 0,
        "closed_at": now,
    }
    message_id, key = new_id(), event.key()
    envelope = {
        "specversion": "1.0",
        "id": str(message_id),
        "source": "careloop/tickets",
        "type": event.TYPE,
        "subject": str(ticket_id),
        "time": now,
        "datacontenttype": "application/json",
        "dataschema": key,
        "sequence": sequence,
        "epoch": 1,
        "origin": "live",
        "correlationid": message_id.hex,
        "data": event.model_validate(known).model_dump(mode="json"),
    }
    return Message(message_id, key, "tickets", Exchange.EVENTS, key, orjson.dumps(envelope))
