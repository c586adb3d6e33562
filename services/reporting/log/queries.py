"""Named reads and writes of the event log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Row, Uuid, func, select, update

from services.reporting.log.tables import event_log
from shared.arrays import array, arrays, insert_arrays
from shared.database import Session

_HEARD: Final = (
    "id",
    "type",
    "version",
    "subject",
    "epoch",
    "sequence",
    "time",
    "origin",
    "data",
)
_ADD: Final = insert_arrays(event_log, _HEARD).on_conflict_do_nothing()

_given = (
    func.unnest(array("ids", Uuid()), array("positions", BigInteger()))
    .table_valued("id", "position", name="given")
    .render_derived()
)
_GIVE: Final = (
    update(event_log).where(event_log.c.id == _given.c.id).values(position=_given.c.position)
)


@dataclass(frozen=True, slots=True)
class LogRow:
    """An event as it was heard; `position` is where it stands in the order of folding.

    `void_by` is the statement that took it back, if any did.
    """

    id: UUID
    position: int
    type: str
    version: int
    subject: UUID
    epoch: int
    sequence: int
    time: datetime
    origin: str
    data: Mapping[str, Any]
    void_by: UUID | None


async def add_events(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write events down; one that is there already stays as it is."""
    await session.execute(_ADD, arrays(event_log, _HEARD, rows))


async def position_next(session: Session, limit: int) -> list[LogRow]:
    """Give positions to the next events that have none; the caller is the only one who does."""
    last: int = await session.scalar(select(func.coalesce(func.max(event_log.c.position), 0))) or 0
    waiting = (
        await session.execute(
            select(event_log)
            .where(event_log.c.position.is_(None))
            .order_by(event_log.c.id)
            .limit(limit)
        )
    ).all()
    rows = [_log_row(row, last + number) for number, row in enumerate(waiting, start=1)]
    if rows:
        await session.execute(
            _GIVE, {"ids": [row.id for row in rows], "positions": [row.position for row in rows]}
        )
    return rows


async def events_after(session: Session, position: int, limit: int) -> list[LogRow]:
    """Return the next folded events that hold, in the order in which they were folded."""
    rows = await session.execute(
        select(event_log)
        .where(event_log.c.position > position, event_log.c.void_by.is_(None))
        .order_by(event_log.c.position)
        .limit(limit)
    )
    return log_rows(rows)


async def waiting_since(session: Session) -> datetime | None:
    """Return since when the oldest event that is not folded yet waits; None when all are."""
    waiting: datetime | None = await session.scalar(
        select(func.min(event_log.c.heard_at)).where(event_log.c.position.is_(None))
    )
    return waiting


def log_rows(rows: Iterable[Row[Any]]) -> list[LogRow]:
    """Return rows of the log that have their position."""
    return [_log_row(row, row.position) for row in rows]


def _log_row(row: Row[Any], position: int) -> LogRow:
    names = (name for name in LogRow.__dataclass_fields__ if name != "position")
    return LogRow(position=position, **{name: getattr(row, name) for name in names})
