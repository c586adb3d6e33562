"""Named reads and writes of facts. They name the schema `facts`; a rebuild maps it to the next."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, Uuid, any_, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.reporting.facts.routing_rules import FactKind
from services.reporting.facts.rules import Contribution, Key, Measure, Sums
from services.reporting.facts.tables import (
    contributions,
    feedback_facts,
    figures,
    fold_position,
    invitation_facts,
    loop_facts,
    ticket_facts,
)
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
    """How much of the log the facts know; `last_event_at` is the newest business time in it."""

    position: int = 0
    folded_at: datetime | None = None
    last_event_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A contribution with its id, and whose it is."""

    id: UUID
    fact_id: UUID
    ticket_id: UUID | None
    row: Contribution


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
    if not rows:
        return
    statement = insert(TABLES[kind])
    new = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={"origin": new.origin, "known": new.known}
        ),
        rows,
    )


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
        await session.execute(
            insert(contributions),
            [
                {"id": row.id, "fact_id": row.fact_id, "ticket_id": row.ticket_id}
                | row.row._asdict()
                for row in sorted(added, key=lambda row: row.id)
            ],
        )


async def add_to_figures(session: Session, changes: Mapping[Key, Sums]) -> None:
    """Add to the cells, in one order for everybody; a cell without rows is no cell."""
    if not changes:
        return
    statement = insert(figures)
    new = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            constraint="uq_figures_cell",
            set_={name: figures.c[name] + new[name] for name in ("n", "total", "squares")},
        ),
        [
            key._asdict() | {"n": sums.n, "total": sums.total, "squares": sums.squares}
            for key, sums in sorted(changes.items(), key=lambda item: item[0].order)
        ],
    )
    await session.execute(delete(figures).where(figures.c.n == 0))


async def progress(session: Session) -> Progress:
    """Return how much of the log the facts know."""
    row = (await session.execute(select(fold_position))).one_or_none()
    return Progress() if row is None else Progress(row.position, row.folded_at, row.last_event_at)


async def advance(session: Session, position: int, event_times: Iterable[datetime]) -> None:
    """Note that the log is folded up to a position; its events had these business times."""
    statement = insert(fold_position).values(
        one=1, position=position, folded_at=func.now(), last_event_at=max(event_times)
    )
    new = statement.excluded
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["one"],
            set_={
                "position": new.position,
                "folded_at": new.folded_at,
                "last_event_at": func.greatest(fold_position.c.last_event_at, new.last_event_at),
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
