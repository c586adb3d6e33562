"""Fold the log into facts and figures: new minus old of what each fact adds.

One folder works at a time. A batch is one transaction: positions, facts, rows, figures and the
place in the log move together or not at all.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final
from uuid import UUID, uuid5

from services.reporting.directory.keep_directory import keep_directory
from services.reporting.facts.queries import (
    StoredRow,
    add_to_figures,
    advance,
    known_events,
    replace_rows,
    rows_of,
    save_facts,
    try_lock,
)
from services.reporting.facts.routing_rules import FactKey, FactKind, contributions, fact_key
from services.reporting.facts.rules import Contribution, LoggedEvent, change
from services.reporting.log.queries import LogRow, position_next
from shared.contracts.registry import EVENTS
from shared.database import Database, Session
from shared.locks import FOLD

BATCH: Final = 1_000
"""Events a transaction: a burst about one ticket is folded once, and readers wait for nobody."""


async def fold_next(database: Database, zone: tzinfo) -> int:
    """Fold the next events of the log and return how many; 0 also while another folder works."""
    async with database.transaction() as session:
        if not await try_lock(session, FOLD):
            return 0
        return await fold_waiting(session, zone)


async def fold_waiting(session: Session, zone: tzinfo) -> int:
    """Fold a batch of what has no position yet; the caller holds the lock FOLD."""
    events = await position_next(session, BATCH)
    await keep_directory(session, events)
    await fold(session, events, zone)
    return len(events)


async def fold(session: Session, events: Sequence[LogRow], zone: tzinfo) -> None:
    """Let events change the facts that they tell about, in whatever order they come."""
    if not events:
        return
    told: dict[FactKind, dict[UUID, list[LogRow]]] = {kind: defaultdict(list) for kind in FactKind}
    for event in events:
        if (key := _fact_of(event)) is not None:
            told[key.kind][key.id].append(event)
    removed: list[StoredRow] = []
    added: list[StoredRow] = []
    for kind, by_fact in told.items():
        if not by_fact:
            continue
        known = await _learn(session, kind, by_fact)
        old = {row.id: row for row in await rows_of(session, by_fact.keys())}
        new = {row.id: row for id, saved in known.items() for row in _rows(kind, id, saved, zone)}
        removed += [row for id, row in old.items() if id not in new]
        added += [row for id, row in new.items() if id not in old]
    await replace_rows(session, removed, added)
    await add_to_figures(session, change([r.row for r in removed], [r.row for r in added]))
    await advance(session, events[-1].position, [event.time for event in events])


async def _learn(
    session: Session, kind: FactKind, told: Mapping[UUID, Sequence[LogRow]]
) -> dict[UUID, dict[str, Any]]:
    """Add events to what is known of their facts; return all that is known now."""
    known = await known_events(session, kind, told.keys())
    for id, events in told.items():
        saved = known.setdefault(id, {})
        for event in events:
            key = f"{event.subject}/{event.epoch}/{event.sequence}"
            saved.setdefault(
                key,
                {
                    "type": event.type,
                    "epoch": event.epoch,
                    "sequence": event.sequence,
                    "time": event.time.isoformat(),
                    "origin": event.origin,
                    "data": dict(event.data),
                },
            )
    rows = [{"id": id, "origin": _origin(known[id]), "known": known[id]} for id in sorted(told)]
    await save_facts(session, kind, rows)
    return known


def _fact_of(event: LogRow) -> FactKey | None:
    """Return whom an event tells about; None for what this release does not count."""
    if f"{event.type}.v{event.version}" not in EVENTS:
        return None
    return fact_key(
        LoggedEvent(event.type, event.epoch, event.sequence, event.time, event.origin, event.data)
    )


def _rows(kind: FactKind, fact_id: UUID, known: Mapping[str, Any], zone: tzinfo) -> list[StoredRow]:
    """Return the rows that a fact adds by all that is known of it."""
    events = [
        LoggedEvent(**saved | {"time": datetime.fromisoformat(saved["time"])})
        for saved in known.values()
    ]
    rows = contributions(kind, events, zone)
    if not rows:
        return []
    ticket_id = next(UUID(e.data["ticket_id"]) for e in events if "ticket_id" in e.data)
    return [StoredRow(id, fact_id, ticket_id, row) for id, row in _named(fact_id, rows)]


def _named(fact_id: UUID, rows: Iterable[Contribution]) -> Iterable[tuple[UUID, Contribution]]:
    """Give each row an id made of what it says; of equal rows also the number."""
    seen: Counter[Contribution] = Counter()
    for row in rows:
        seen[row] += 1
        yield uuid5(fact_id, "|".join(map(str, (*row, seen[row])))), row


def _origin(known: Mapping[str, Any]) -> str | None:
    beginnings = (e["origin"] for e in known.values() if e["type"] == "ticket.created")
    return next(beginnings, None)
