"""Named reads, locks and writes of imports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.tickets.history.tables import imports
from services.tickets.history.vocabulary import FileProblem, ImportFile, ImportState, Outcome
from shared.database import Session
from shared.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Import:
    """An import as it stands; `done_up_to` is the line after which the work goes on."""

    id: UUID
    state: ImportState
    source: str
    mapping: dict[str, Any]
    asked_by: UUID | None
    asked_at: datetime
    key: str
    fingerprint: bytes
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None
    encodings: Mapping[str, str]
    events_read: bool
    done_up_to: int
    created: int
    unchanged: int
    rejected: int
    problem: FileProblem | None
    problem_file: ImportFile | None
    problem_columns: Sequence[str]


COLUMNS = [imports.c[field.name] for field in fields(Import)]


async def add_import(session: Session, values: dict[str, Any]) -> Import | None:
    """Note an import and return it; None when the same person used its key before."""
    statement = insert(imports).values(values)
    once = statement.on_conflict_do_nothing(index_elements=["asked_by", "key"])
    row = (await session.execute(once.returning(*COLUMNS))).one_or_none()
    return None if row is None else _import(row)


async def import_of_key(session: Session, asked_by: UUID | None, key: str) -> Import:
    """Return the import that somebody asked for with a key."""
    mine = imports.c.asked_by.is_not_distinct_from(asked_by)
    row = (await session.execute(select(*COLUMNS).where(mine, imports.c.key == key))).one()
    return _import(row)


async def get_import(session: Session, import_id: UUID) -> Import:
    """Return an import. Raises NotFoundError."""
    row = (await session.execute(select(*COLUMNS).where(imports.c.id == import_id))).one_or_none()
    if row is None:
        raise NotFoundError("import_not_found", "Nobody asked for such an import.")
    return _import(row)


async def import_page(
    session: Session, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Import]:
    """Return up to `limit` imports, newest first."""
    statement = select(*COLUMNS)
    if before is not None:
        statement = statement.where(tuple_(imports.c.asked_at, imports.c.id) < before)
    newest = statement.order_by(imports.c.asked_at.desc(), imports.c.id.desc()).limit(limit)
    return [_import(row) for row in await session.execute(newest)]


async def claim_import(session: Session, *, lease: timedelta) -> Import | None:
    """Take the oldest import that is to be done; None when there is none, or it is in good hands.

    One at a time: two that make the same unit at once would make it twice.
    """
    oldest = (
        await session.execute(
            select(imports.c.id, imports.c.touched_at >= func.now() - lease)
            .where(imports.c.state.in_([ImportState.WAITING, ImportState.RUNNING]))
            .order_by(imports.c.asked_at, imports.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=imports)
        )
    ).one_or_none()
    if oldest is None or oldest[1]:
        return None
    row = await session.execute(
        update(imports)
        .where(imports.c.id == oldest.id)
        .values(
            state=ImportState.RUNNING,
            started_at=func.coalesce(imports.c.started_at, func.now()),
            touched_at=func.now(),
            attempts=imports.c.attempts + 1,
        )
        .returning(*COLUMNS)
    )
    return _import(row.one())


async def still_mine(session: Session, running: Import) -> bool:
    """Lock an import and return whether it stands as I left it; else somebody else goes on."""
    row = (
        await session.execute(
            select(imports.c.state, imports.c.done_up_to, imports.c.events_read)
            .where(imports.c.id == running.id)
            .with_for_update()
        )
    ).one()
    return tuple(row) == (ImportState.RUNNING, running.done_up_to, running.events_read)


async def change_import(session: Session, import_id: UUID, **values: Any) -> Import:
    """Write how far a locked import is, and that it goes on."""
    row = await session.execute(
        update(imports)
        .where(imports.c.id == import_id)
        .values({"touched_at": func.now(), "attempts": 0} | values)
        .returning(*COLUMNS)
    )
    return _import(row.one())


async def count_outcomes(
    session: Session, import_id: UUID, outcomes: Mapping[Outcome, int], *, done_up_to: int
) -> Import:
    """Add to what became of an import's lines."""
    counts = {
        outcome.value: imports.c[outcome.value] + count for outcome, count in outcomes.items()
    }
    return await change_import(session, import_id, done_up_to=done_up_to, **counts)


def _import(row: Row[Any]) -> Import:
    values = row._asdict()
    words = {"problem": FileProblem, "problem_file": ImportFile}
    known = {name: word(values[name]) for name, word in words.items() if values[name] is not None}
    return Import(**values | known | {"state": ImportState(row.state)})
