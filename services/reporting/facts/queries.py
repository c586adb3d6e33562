"""Named reads and writes of facts. They name the schema `facts`; a rebuild maps it to the next."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, Uuid, any_, bindparam, case, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert

from services.reporting.facts.routing_rules import FactKind
from services.reporting.facts.rules import Contribution, Measure
from services.reporting.facts.tables import (
    contributions,
    feedback_facts,
    fold_position,
    invitation_facts,
    loop_facts,
    ticket_facts,
)
from shared.arrays import arrays, insert_arrays
from shared.database import Session

TABLES: Final[Mapping[FactKind, Table]] = {
    FactKind.TICKET: ticket_facts,
    FactKind.INVITATION: invitation_facts,
    FactKind.LOOP: loop_facts,
    FactKind.FEEDBACK: feedback_facts,
}
COLUMNS: Final = Contribution._fields[1:]


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the log the facts know; `last_event_at` is the newest business time in it.

    `summed` is up to where the sums by one dimension were kept along.
    """

    position: int = 0
    folded_at: datetime | None = None
    last_event_at: datetime | None = None
    summed: int | None = 0


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A contribution with its id, and whose it is."""

    id: UUID
    fact_id: UUID
    ticket_id: UUID | None
    row: Contribution


_KNOWN: Final = ("id", "origin", "known")
_OF_A_FACT: Final = ("id", "fact_id", "ticket_id")


def _upsert(table: Table, names: Sequence[str]) -> Insert:
    statement = insert_arrays(table, names)
    changed = {name: statement.excluded[name] for name in names if name != "id"}
    return statement.on_conflict_do_update(index_elements=["id"], set_=changed)


_SAVE: Final = {kind: _upsert(table, _KNOWN) for kind, table in TABLES.items()}
_ADD_ROWS: Final = insert_arrays(contributions, (*_OF_A_FACT, *Contribution._fields))


async def wait_for_lock(session: Session, key: int) -> None:
    """Return when this transaction holds the lock."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


async def known_events(
    session: Session, kind: FactKind, ids: Collection[UUID]
) -> dict[UUID, dict[str, Any]]:
    """Return what is known of each fact: its events by their key."""
    table = TABLES[kind]
    rows = await session.execute(select(table.c.id, table.c.known).where(_among(table, "id", ids)))
    return {row.id: row.known for row in rows}


async def rows_of(session: Session, fact_ids: Collection[UUID]) -> list[StoredRow]:
    """Return the rows that the facts add now."""
    rows = await session.execute(
        select(contributions).where(_among(contributions, "fact_id", fact_ids))
    )
    return [
        StoredRow(
            row.id,
            row.fact_id,
            row.ticket_id,
            Contribution._make((Measure(row.measure), *(getattr(row, c) for c in COLUMNS))),
        )
        for row in rows
    ]


async def save_facts(session: Session, kind: FactKind, rows: Sequence[dict[str, Any]]) -> None:
    """Write what is known of facts: `id`, `origin`, `known`."""
    if rows:
        await session.execute(_SAVE[kind], arrays(TABLES[kind], _KNOWN, rows))


async def remove_facts(session: Session, kind: FactKind, ids: Collection[UUID]) -> None:
    """Take away the facts of which nothing is known."""
    if ids:
        await session.execute(delete(TABLES[kind]).where(_among(TABLES[kind], "id", ids)))


async def replace_rows(
    session: Session, removed: Collection[StoredRow], added: Collection[StoredRow]
) -> None:
    """Take rows away and add others."""
    if removed:
        gone = _among(contributions, "id", [row.id for row in removed])
        await session.execute(delete(contributions).where(gone))
    if added:
        ordered = sorted(added, key=lambda row: row.id)
        said = zip(*(row.row for row in ordered), strict=True)
        columns: dict[str, Sequence[Any]] = dict(zip(Contribution._fields, said, strict=True))
        for name in _OF_A_FACT:
            columns[name] = [getattr(row, name) for row in ordered]
        await session.execute(_ADD_ROWS, columns)


async def progress(session: Session) -> Progress:
    """Return how much of the log the facts know."""
    row = (await session.execute(select(fold_position))).one_or_none()
    if row is None:
        return Progress()
    return Progress(row.position, row.folded_at, row.last_event_at, row.summed)


async def advance(session: Session, position: int, event_times: Iterable[datetime]) -> None:
    """Note that the log is folded up to a position; its events had these business times."""
    statement = insert(fold_position).values(
        one=1,
        position=position,
        summed=position,
        folded_at=func.now(),
        last_event_at=max(event_times),
    )
    new, old = statement.excluded, fold_position.c
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["one"],
            set_={
                "position": new.position,
                "summed": case((old.summed == old.position, new.summed), else_=old.summed),
                "folded_at": new.folded_at,
                "last_event_at": func.greatest(old.last_event_at, new.last_event_at),
            },
        )
    )


async def has_demo_data(session: Session) -> bool:
    """Return whether made-up tickets are among the facts."""
    demo = select(ticket_facts.c.id).where(ticket_facts.c.origin == "demo").limit(1)
    return await session.scalar(demo) is not None


def _among(table: Table, column: str, ids: Collection[UUID]) -> Any:
    """Return the condition that a column is one of the ids, sent as one array."""
    return table.c[column] == any_(bindparam(None, sorted(ids), ARRAY(Uuid)))
