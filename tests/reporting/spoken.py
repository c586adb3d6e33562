"""Lives as messages: what a bus hands to the service."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import orjson

from services.reporting.facts.rules import LoggedEvent
from shared.bus.interface import Exchange, Message
from shared.contracts.registry import EVENTS
from shared.ids import new_id
from tests.reporting.lives import CATEGORIES, COMPANY, PATHS, START, TEAMS, Life

SUBJECTS = {
    "ticket": "ticket_id",
    "survey": "invitation_id",
    "notification": "notification_id",
    "feedback.loop": "case_id",
    "feedback": "item_id",
    "category": "category_id",
}


def message(event: LoggedEvent, *, version: int = 1, message_id: UUID | None = None) -> Message:
    """Return an event as its service would say it."""
    key = f"{event.type}.v{version}"
    sender = EVENTS[key].SENDERS[0] if key in EVENTS else "surveys"
    named = (event.type.partition("_")[0], event.type.partition(".")[0])
    subject = event.data[next((SUBJECTS[name] for name in named if name in SUBJECTS), "subject")]
    id = message_id or new_id()
    body = {
        "id": str(id),
        "source": f"careloop/{sender}",
        "type": event.type,
        "subject": subject,
        "time": event.time.isoformat(),
        "dataschema": key,
        "sequence": event.sequence,
        "epoch": event.epoch,
        "origin": event.origin,
        "correlationid": "a-life",
        "data": event.data,
    }
    return Message(id, key, sender, Exchange.EVENTS, key, orjson.dumps(body))


def spoken(told: Iterable[Life]) -> list[Message]:
    """Return all that was said about some lives, in the order in which it happened."""
    return [message(event) for life in told for event in life.events]


def organisation() -> list[Message]:
    """Return what the directory says: a company with two teams."""
    units: Sequence[tuple[UUID, ...]] = [
        (COMPANY,),
        *((COMPANY, team) for team in TEAMS if team is not None),
    ]
    return [message(_unit(path)) for path in units]


def categories() -> list[Message]:
    """Return what the directory says of the categories: one lies below another."""
    return [message(_category(id, PATHS.get(id, (id,)))) for id in CATEGORIES if id is not None]


def _category(id: UUID, path: tuple[UUID, ...]) -> LoggedEvent:
    data = {
        "category_id": str(id),
        "code": f"c{id.int}",
        "name_zh": f"类别{id.int}",
        "name_en": f"Category {id.int}",
        "active": True,
        "path": [str(one) for one in path],
    }
    return LoggedEvent("category.changed", 1, 1, START, "live", data)


def _unit(path: tuple[UUID, ...]) -> LoggedEvent:
    data = {
        "subject": str(path[-1]),
        "org_unit_id": str(path[-1]),
        "kind": "company" if len(path) == 1 else "team",
        "name": "公司" if len(path) == 1 else f"热线{path[-1].int}组",
        "path": [str(id) for id in path],
        "valid_from": START.isoformat(),
        "valid_to": None,
    }
    return LoggedEvent("org_unit.changed", 1, 1, START, "live", data)
