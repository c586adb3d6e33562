"""Put a log where the events of one ticket are found together, whatever order it is in."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.tickets.history.event_queries import keep_events
from services.tickets.history.line_rules import LineError
from services.tickets.history.mapping_rules import HistoryMapping
from services.tickets.history.queries import Import, change_import
from services.tickets.history.read_file import Line
from services.tickets.history.result_queries import Result, add_results
from services.tickets.history.row_rules import read_event
from services.tickets.history.vocabulary import EventField, ImportFile, Outcome
from shared.database import Session


async def keep_log(
    session: Session,
    job: Import,
    mapping: HistoryMapping,
    lines: Sequence[Line],
    *,
    file: ImportFile,
    now: datetime,
) -> int:
    """Keep the events of some lines and report those that say nothing; return how many do not."""
    kept: list[dict[str, Any]] = []
    wrong: list[Result] = []
    for line in lines:
        try:
            if line.remark is not None:
                raise LineError(line.remark)  # noqa: TRY301 - one place for all refusals
            event = read_event(line.cells, mapping, now)
        except LineError as error:
            found = (error.remark, error.column)
            wrong.append(Result(file, line.number, _ref(line, mapping), Outcome.REJECTED, *found))
        else:
            kept.append(asdict(event) | {"import_id": job.id, "line": line.number})
    await keep_events(session, kept)
    await add_results(session, job.id, wrong)
    await change_import(session, job.id)
    return len(wrong)


def _ref(line: Line, mapping: HistoryMapping) -> str | None:
    column = mapping.events.columns[EventField.REF] if mapping.events else ""
    ref = line.cells.get(column, "").strip()[:200]
    return ref if ref and ref.isprintable() else None
