"""Named reads and writes of what became of each line."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import any_, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from services.tickets.history.tables import import_results
from services.tickets.history.vocabulary import ImportFile, Outcome, Remark
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a line; never what stands in it, which may be about a person."""

    file: ImportFile
    line: int
    ref: str | None
    outcome: Outcome
    remark: Remark | None = None
    column: str | None = None
    first_line: int | None = None
    ticket_id: UUID | None = None


async def add_results(session: Session, import_id: UUID, results: Sequence[Result]) -> None:
    """Write down what became of lines."""
    if results:
        rows = [asdict(result) | {"import_id": import_id} for result in results]
        await session.execute(insert(import_results), rows)


async def first_lines(session: Session, import_id: UUID, refs: Collection[str]) -> dict[str, int]:
    """Return on which line of the main file each ref stood first, of those that did already."""
    rows = await session.execute(
        select(import_results.c.ref, func.min(import_results.c.line))
        .where(
            import_results.c.import_id == import_id,
            import_results.c.file == ImportFile.MAIN,
            import_results.c.ref == any_(bindparam(None, sorted(refs), ARRAY(TEXT))),
        )
        .group_by(import_results.c.ref)
    )
    return {row[0]: row[1] for row in rows}


async def results_after(
    session: Session, import_id: UUID, *, after: int, outcome: Outcome | None, limit: int
) -> list[tuple[int, Result]]:
    """Return the next results with the number after which to go on."""
    statement = select(import_results).where(
        import_results.c.import_id == import_id, import_results.c.id > after
    )
    if outcome is not None:
        statement = statement.where(import_results.c.outcome == outcome)
    rows = await session.execute(statement.order_by(import_results.c.id).limit(limit))
    return [
        (row.id, Result(**{name: getattr(row, name) for name in Result.__dataclass_fields__}))
        for row in rows
    ]


async def forget_results(session: Session, import_id: UUID, file: ImportFile) -> None:
    """Delete the results of a file that is read again from its beginning."""
    await session.execute(
        delete(import_results).where(
            import_results.c.import_id == import_id, import_results.c.file == file
        )
    )
