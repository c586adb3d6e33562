"""Named reads and writes of the runs over the books and of their differences."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from shared.books.rules import LEASE, STAYS, Claim, Difference, TakenOverError
from shared.books.tables import book_differences, book_marks, book_runs
from shared.database import Session
from shared.errors import NotFoundError
from shared.ids import new_id


class RunState(StrEnum):
    """Whether the books were compared."""

    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Run:
    """One run over a service's books; `differences` were there when it had finished.

    `touched_at` is when its worker was last heard of, `attempts` how many workers began it.
    """

    id: UUID
    night: date | None
    whole: bool
    state: RunState
    asked_by: UUID | None
    asked_at: datetime
    finished_at: datetime | None
    differences: int | None
    touched_at: datetime | None = None
    attempts: int = 0

    @property
    def claim(self) -> Claim:
        return Claim(self.id, self.attempts)


@dataclass(frozen=True, slots=True)
class StandingDifference:
    """A difference that the last run found."""

    id: UUID
    book: str
    key: str
    problem: str
    detail: dict[str, str | int]
    first_seen_at: datetime
    last_seen_at: datetime
    runs: int
    told_at: datetime | None


async def add_run(session: Session, run: Run) -> None:
    """Write a run that shall be made; of one night only the first."""
    values = {field.name: getattr(run, field.name) for field in fields(Run)}
    await session.execute(insert(book_runs).values(values).on_conflict_do_nothing())


async def claim_run(session: Session) -> Run | None:
    """Take the run that waits longest; None when there is none, or it is in good hands.

    One at a time: two that count the same stretch would count it twice.
    """
    waiting = book_runs.c.state == RunState.WAITING
    oldest = select(book_runs.c.id).where(waiting).order_by(book_runs.c.id).limit(1)
    touched = book_runs.c.touched_at
    claimed = await session.execute(
        update(book_runs)
        .where(book_runs.c.id == oldest.scalar_subquery(), waiting)
        .where(or_(touched.is_(None), touched < func.now() - LEASE))
        .values(touched_at=func.now(), attempts=book_runs.c.attempts + 1)
        .returning(book_runs)
    )
    row = claimed.one_or_none()
    return None if row is None else _run(row)


async def hold_run(session: Session, claim: Claim | None) -> None:
    """Note that a run goes on; nobody else takes it before this transaction has ended.

    Raises TakenOverError when somebody has taken it.
    """
    if claim is None:
        return
    mine = (book_runs.c.id == claim.run_id, book_runs.c.attempts == claim.attempt)
    held = await session.execute(update(book_runs).where(*mine).values(touched_at=func.now()))
    if not held.rowcount:
        raise TakenOverError


async def get_run(session: Session, run_id: UUID) -> Run:
    """Return a run. Raises NotFoundError."""
    row = (await session.execute(select(book_runs).where(book_runs.c.id == run_id))).one_or_none()
    if row is None:
        raise NotFoundError("book_run_not_found", "There is no such run over the books.")
    return _run(row)


async def finish_run(session: Session, run_id: UUID, *, now: datetime, differences: int) -> None:
    """Write that a run is done."""
    await session.execute(
        update(book_runs)
        .where(book_runs.c.id == run_id)
        .values(state=RunState.DONE, finished_at=now, differences=differences)
    )


async def last_finished(session: Session) -> datetime | None:
    """Return when the books were last compared."""
    finished: datetime | None = await session.scalar(select(func.max(book_runs.c.finished_at)))
    return finished


async def mark_of(session: Session, book: str) -> str | None:
    """Return up to where a book was sound, None when it never was."""
    mark: str | None = await session.scalar(
        select(book_marks.c.mark).where(book_marks.c.book == book)
    )
    return mark


async def write_mark(session: Session, book: str, mark: str) -> None:
    """Write up to where a book is sound."""
    written = insert(book_marks).values(book=book, mark=mark)
    await session.execute(
        written.on_conflict_do_update(index_elements=["book"], set_={"mark": written.excluded.mark})
    )


async def replace_differences(
    session: Session, book: str, found: Sequence[Difference], *, now: datetime
) -> int:
    """Write what differs in a book now; return how many that were there are mended."""
    keys = [one.key for one in found]
    mended = await session.execute(
        delete(book_differences).where(
            book_differences.c.book == book, book_differences.c.key.not_in(keys)
        )
    )
    if found:
        written = insert(book_differences)
        new = written.excluded
        await session.execute(
            written.on_conflict_do_update(
                index_elements=["book", "key"],
                set_={
                    "problem": new.problem,
                    "detail": new.detail,
                    "last_seen_at": new.last_seen_at,
                    "runs": book_differences.c.runs + 1,
                },
            ),
            [_row(book, one, now) for one in found],
        )
    return mended.rowcount


async def tell_staying(session: Session, *, now: datetime) -> dict[str, int]:
    """Note that somebody is told of what stays; return how many differences of each book."""
    told = await session.scalars(
        update(book_differences)
        .where(book_differences.c.runs >= STAYS, book_differences.c.told_at.is_(None))
        .values(told_at=now)
        .returning(book_differences.c.book)
    )
    books = list(told)
    return {book: books.count(book) for book in sorted(set(books))}


async def difference_page(
    session: Session, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[StandingDifference]:
    """Return up to `limit` differences, the latest first seen first."""
    newest = (book_differences.c.first_seen_at, book_differences.c.id)
    statement = select(book_differences)
    if before is not None:
        statement = statement.where(tuple_(*newest) < before)
    rows = await session.execute(
        statement.order_by(*(column.desc() for column in newest)).limit(limit)
    )
    return [StandingDifference(**row._asdict()) for row in rows]


async def counted_differences(session: Session) -> dict[str, tuple[int, int]]:
    """Return for each book how many differences are new, and how many stay."""
    stays = book_differences.c.runs >= STAYS
    rows = await session.execute(
        select(
            book_differences.c.book,
            func.count().filter(~stays),
            func.count().filter(stays),
        ).group_by(book_differences.c.book)
    )
    return {book: (new, staying) for book, new, staying in rows}


def _row(book: str, one: Difference, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "book": book,
        "key": one.key,
        "problem": one.problem,
        "detail": dict(one.detail),
        "first_seen_at": now,
        "last_seen_at": now,
        "runs": 1,
    }


def _run(row: Row[Any]) -> Run:
    return Run(**row._asdict() | {"state": RunState(row.state)})
