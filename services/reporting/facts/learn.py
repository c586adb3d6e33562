"""Learn what events say about their facts, and recall what is known of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.reporting.facts.queries import known_events, remove_facts, save_facts
from services.reporting.facts.routing_rules import Fact, FactKind, fact_of
from services.reporting.facts.rules import LoggedEvent
from services.reporting.log.queries import LogRow
from shared.database import Session

Facts = dict[UUID, Fact | None]


async def learn(
    session: Session,
    kind: FactKind,
    told: Mapping[UUID, Sequence[LogRow]],
    gone: Mapping[UUID, Sequence[LogRow]],
) -> Facts:
    """Add events to what is known of their facts, and forget those that were taken back.

    Returns the facts as they are now; of which nothing is known any more, they are None.
    """
    ids = told.keys() | gone.keys()
    if not ids:
        return {}
    known = await known_events(session, kind, ids)
    for id in ids:
        saved = known.setdefault(id, {})
        for event in told.get(id, ()):
            saved.setdefault(_key(event), _saved(event))
        for event in gone.get(id, ()):
            saved.pop(_key(event), None)
    rows = [
        {"id": id, "origin": _origin(known[id]), "known": known[id]}
        for id in sorted(ids)
        if known[id]
    ]
    await save_facts(session, kind, rows)
    await remove_facts(session, kind, [id for id in ids if not known[id]])
    return {id: _fact(kind, saved) for id, saved in known.items()}


async def recall(session: Session, kind: FactKind, ids: Collection[UUID]) -> Facts:
    """Return facts about which nothing new was said."""
    known = await known_events(session, kind, ids) if ids else {}
    return {id: _fact(kind, saved) for id, saved in known.items()}


def _key(event: LogRow) -> str:
    return f"{event.subject}/{event.epoch}/{event.sequence}"


def _saved(event: LogRow) -> dict[str, Any]:
    return {
        "type": event.type,
        "epoch": event.epoch,
        "sequence": event.sequence,
        "time": event.time.isoformat(),
        "origin": event.origin,
        "data": dict(event.data),
    }


def _fact(kind: FactKind, known: Mapping[str, Any]) -> Fact | None:
    return fact_of(
        kind,
        [
            LoggedEvent(**saved | {"time": datetime.fromisoformat(saved["time"])})
            for saved in known.values()
        ],
    )


def _origin(known: Mapping[str, Any]) -> str | None:
    beginnings = (e["origin"] for e in known.values() if e["type"] == "ticket.created")
    return next(beginnings, None)
