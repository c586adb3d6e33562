"""Fold the log into facts and figures: new minus old of what each fact adds.

One folder works at a time. A batch is one transaction: positions, facts, rows, figures and the
place in the log move together or not at all.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final
from uuid import UUID, uuid5

from services.reporting.directory.keep_directory import keep_directory
from services.reporting.facts.case_queries import keep_open_cases
from services.reporting.facts.contact_queries import came_back
from services.reporting.facts.keep_contacts import keep_contacts
from services.reporting.facts.learn import Facts, learn, recall
from services.reporting.facts.queries import StoredRow, advance, replace_rows, rows_of
from services.reporting.facts.routing_rules import FactKey, FactKind, contributions, fact_key
from services.reporting.facts.rules import Contribution, LoggedEvent, change
from services.reporting.facts.sum_queries import add_to_figures
from services.reporting.facts.ticket_rules import TicketFact
from services.reporting.log.queries import LogRow, position_next
from services.reporting.log.take_back import mark_taken_back, taken_back_by
from shared.contracts.registry import EVENTS
from shared.contracts.tickets import CategoryChanged
from shared.database import Database, Session
from shared.locks import FOLD, try_lock

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
    taken_back = await mark_taken_back(session, events)
    holding = [one for one in events if one.void_by is None and one.id not in taken_back]
    await keep_directory(session, holding)
    await fold(session, holding, zone)
    return len(events)


async def fold(session: Session, events: Sequence[LogRow], zone: tzinfo) -> None:
    """Let events change the facts that they tell about, in whatever order they come."""
    if not events:
        return
    told, gone = _told(events), _told(await taken_back_by(session, events))
    facts: Facts = {}
    for kind in FactKind:
        facts |= await learn(session, kind, told[kind], gone[kind])
    tickets = {id: fact for id, fact in facts.items() if isinstance(fact, TicketFact)}
    undone = gone[FactKind.TICKET].keys() - tickets.keys()
    others = await keep_contacts(session, tickets, undone, _categories(events))
    facts |= await recall(session, FactKind.TICKET, others)
    again = await came_back(session, tickets.keys() | others)
    await keep_open_cases(session, facts)
    await _replace(session, facts, again, zone)
    await advance(session, events[-1].position, [event.time for event in events])


async def _replace(session: Session, facts: Facts, again: Collection[UUID], zone: tzinfo) -> None:
    """Let facts add what they add now instead of what they had added."""
    old = {row.id: row for row in await rows_of(session, facts.keys())}
    new = {
        row.id: row
        for id, fact in facts.items()
        if fact is not None
        for row in _named(id, fact.ticket_id, contributions(fact, zone, came_back=id in again))
    }
    removed = [row for id, row in old.items() if id not in new]
    added = [row for id, row in new.items() if id not in old]
    await replace_rows(session, removed, added)
    await add_to_figures(session, change([r.row for r in removed], [r.row for r in added]))


def _told(events: Iterable[LogRow]) -> dict[FactKind, dict[UUID, list[LogRow]]]:
    """Return which events tell about which facts."""
    told: dict[FactKind, dict[UUID, list[LogRow]]] = {kind: defaultdict(list) for kind in FactKind}
    for event in events:
        if (key := _fact_key(event)) is not None:
            told[key.kind][key.id].append(event)
    return told


def _fact_key(event: LogRow) -> FactKey | None:
    """Return whom an event tells about; None for what this release does not count."""
    if f"{event.type}.v{event.version}" not in EVENTS:
        return None
    return fact_key(
        LoggedEvent(event.type, event.epoch, event.sequence, event.time, event.origin, event.data)
    )


def _categories(events: Iterable[LogRow]) -> set[UUID]:
    """Return the categories that may have another place than before."""
    return {event.subject for event in events if event.type == CategoryChanged.TYPE}


def _named(
    fact_id: UUID, ticket_id: UUID | None, rows: Iterable[Contribution]
) -> Iterator[StoredRow]:
    """Give each row an id made of what it says; of equal rows also the number."""
    seen: Counter[Contribution] = Counter()
    for row in rows:
        seen[row] += 1
        named = uuid5(fact_id, "|".join(map(str, (*row, ticket_id, seen[row]))))
        yield StoredRow(named, fact_id, ticket_id, row)
