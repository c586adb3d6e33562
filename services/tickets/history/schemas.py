"""Imports as they are asked for and shown over HTTP."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from services.tickets.history.queries import Import
from services.tickets.history.result_queries import Result
from services.tickets.history.vocabulary import (
    FileProblem,
    ImportFile,
    ImportState,
    Outcome,
    Remark,
)


class ImportCounts(BaseModel):
    """How many lines became what, so far."""

    created: int
    unchanged: int
    rejected: int


class ImportProblem(BaseModel):
    """Why an import ended early; `file` and `columns` are those that are to blame."""

    code: FileProblem
    file: ImportFile | None
    columns: list[str]


class ImportOut(BaseModel):
    """An import; `results` says what became of each line."""

    id: UUID
    state: ImportState
    source: str
    asked_by: UUID | None
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    encodings: Mapping[str, str] = Field(description="The encoding found, by file")
    done_up_to: int = Field(description="The last line that is done")
    counts: ImportCounts
    problem: ImportProblem | None
    results: str
    mapping: dict[str, JsonValue]


class ResultOut(BaseModel):
    """What became of a line; never what stands in it, which may be about a person."""

    file: ImportFile
    line: int
    ref: str | None
    outcome: Outcome
    remark: Remark | None
    column: str | None = Field(description="Where to look, when it is one column's fault")
    first_line: int | None = Field(description="Of a repeated ref, where it stood first")
    ticket_id: UUID | None


def result_out(result: Result) -> ResultOut:
    return ResultOut.model_validate(result, from_attributes=True)


def import_out(found: Import, results: str) -> ImportOut:
    problem = None
    if found.problem is not None:
        columns = list(found.problem_columns)
        problem = ImportProblem(code=found.problem, file=found.problem_file, columns=columns)
    return ImportOut(
        id=found.id,
        state=found.state,
        source=found.source,
        asked_by=found.asked_by,
        asked_at=found.asked_at,
        started_at=found.started_at,
        finished_at=found.finished_at,
        encodings=found.encodings,
        done_up_to=found.done_up_to,
        counts=ImportCounts(
            created=found.created, unchanged=found.unchanged, rejected=found.rejected
        ),
        problem=problem,
        results=results,
        mapping=found.mapping,
    )
