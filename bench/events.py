"""Events as the services say them, made in bulk."""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid5

import orjson

from bench.ground import MADE_UP, team
from shared.bus.interface import Exchange, Message
from shared.contracts.tickets import TicketClosed, TicketCreated, TicketEvent, TicketResolved
from shared.ids import new_id

STEPS: Final[tuple[type[TicketEvent], ...]] = (TicketCreated, TicketResolved, TicketClosed)

KINDS: Final = ("complaint", "repair", "enquiry")
CHANNELS: Final = ("wechat", "phone", "web", "app", "email")
CATEGORIES: Final = tuple(uuid5(MADE_UP, f"category {number}") for number in range(12))
PRIORITIES: Final = ("normal", "high")
CUSTOMERS: Final = 1_000


def lives(count: int, *, varied: bool = False) -> Iterator[Message]:
    """Give the events of so many tickets, from the opening to the closing, ticket after ticket.

    They are alike, or `varied` as in a company: channels, categories, priorities, customers.
    """
    for number in range(count):
        ticket_id, about = new_id(), variety() if varied else {}
        for sequence, step in enumerate(STEPS, start=1):
            yield message(step, ticket_id, number, sequence, about)


def variety() -> dict[str, Any]:
    """Return what may differ between tickets, some of it often and some seldom."""
    now = datetime.now(UTC)
    created = now - timedelta(hours=random.lognormvariate(3.0, 0.8))
    resolved = created + (now - created) * random.betavariate(2, 2)
    return {
        "kind": random.choices(KINDS, (5, 3, 2))[0],
        "channel": random.choices(CHANNELS, (8, 5, 3, 2, 1))[0],
        "category_id": random.choices(CATEGORIES, range(1, len(CATEGORIES) + 1))[0],
        "priority": random.choices(PRIORITIES, (8, 2))[0],
        "customer_id": uuid5(MADE_UP, f"customer {random.randrange(CUSTOMERS)}"),
        "created_at": created,
        "first_response_due_at": created + timedelta(minutes=30),
        "resolution_due_at": created + timedelta(days=2),
        "resolved_at": resolved,
        "closed_at": resolved + (now - resolved) * random.random(),
        "customer_messages": random.randrange(4),
    }


def closings(count: int) -> Iterator[Message]:
    """Give the closings of so many tickets."""
    for number in range(count):
        yield message(TicketClosed, new_id(), number, sequence=3)


def message(
    event: type[TicketEvent],
    ticket_id: UUID,
    number: int,
    sequence: int,
    about: Mapping[str, Any] = MappingProxyType({}),
) -> Message:
    """Return an event of a ticket as the relay hands it to the bus; `about` is known better."""
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
        "close_actor": "staff",
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
        "data": event.model_validate(known | dict(about)).model_dump(mode="json"),
    }
    return Message(message_id, key, "tickets", Exchange.EVENTS, key, orjson.dumps(envelope))
