"""Imports over HTTP: hand in files with their mapping, follow the work, read line by line."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Header, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from services.tickets.history.ask_import import PIECE_BYTES, ask_import
from services.tickets.history.queries import Import, get_import, import_page
from services.tickets.history.read_mapping import read_mapping
from services.tickets.history.result_queries import results_after
from services.tickets.history.schemas import ImportOut, ResultOut, import_out, result_out
from services.tickets.history.upload import UploadRoute
from services.tickets.history.vocabulary import ImportFile, Outcome
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.database import Database
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import KEY
from shared.http.problems import ProblemError, documented
from shared.http.transaction import Transaction

LINES: Final = 1_000
"""Results read at a time: a slow reader holds no transaction open."""

router = APIRouter(
    prefix="/api/v1/imports",
    tags=["history"],
    route_class=UploadRoute,
    responses=documented(400, 401, 403, 404, 413, 422),
)

Importer = Annotated[Actor, Depends(allowed(Permission.HISTORY_IMPORT))]

EXAMPLE: Final[dict[str, Any]] = {
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "example": {
                    "file": "单号,受理时间,办结时间\n1024,2025-12-01 09:30,2025-12-02 16:00\n",
                    "mapping": (
                        '{"source": "旧系统", "zone": "Asia/Shanghai", '
                        '"columns": {"ref": "单号", "created_at": "受理时间", '
                        '"resolved_at": "办结时间"}, '
                        '"constants": {"kind": "repair", "channel": "phone"}}'
                    ),
                }
            }
        }
    }
}


@router.post("", status_code=202, operation_id="start_import", openapi_extra=EXAMPLE)
async def start(
    request: Request,
    response: Response,
    session: Transaction,
    importer: Importer,
    file: Annotated[UploadFile, File(description="Delimited text with a header")],
    mapping: Annotated[str, Form(description="What the columns and words mean, as JSON")],
    events: Annotated[UploadFile | None, File(description="What happened to the tickets")] = None,
    idempotency_key: Annotated[str | None, Header(description="Such as a UUID")] = None,
) -> ImportOut:
    """Hand in a company's history; a worker reads it and reports line by line."""
    if idempotency_key is None:
        raise ProblemError(400, "idempotency_key_missing", "Send an Idempotency-Key.")
    if not KEY.match(idempotency_key):
        raise ProblemError(400, "idempotency_key_invalid", "Send one key of 8 to 255 characters.")
    given = {ImportFile.MAIN: file, ImportFile.EVENTS: events}
    asked = await ask_import(
        session,
        request.app.state.vault,
        read_mapping(mapping),
        {name: _pieces(one) for name, one in given.items() if one is not None},
        key=idempotency_key,
        actor=importer,
        now=utcnow(),
    )
    response.headers["Location"] = f"{router.prefix}/{asked.id}"
    return _out(asked)


@router.get("", operation_id="list_imports")
async def list_imports(
    request: Request,
    response: Response,
    session: Transaction,
    _importer: Importer,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ImportOut]:
    """List imports, newest first."""
    rows = await import_page(session, before=keyset(request).read(cursor), limit=limit + 1)
    return Page[ImportOut](**page(request, response, rows, limit, at=_at, out=_out))


@router.get("/{import_id}", operation_id="get_import")
async def get(import_id: UUID, session: Transaction, _importer: Importer) -> ImportOut:
    """Show how far an import is."""
    return _out(await get_import(session, import_id))


@router.get(
    "/{import_id}/results",
    operation_id="get_import_results",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One JSON object a line, in the order of the work",
            "content": {"application/x-ndjson": {"schema": ResultOut.model_json_schema()}},
        }
    },
)
async def results(
    import_id: UUID,
    request: Request,
    session: Transaction,
    _importer: Importer,
    outcome: Outcome | None = None,
) -> StreamingResponse:
    """Say what became of each line: where it stands, its ref, the outcome, what is wrong."""
    found = await get_import(session, import_id)
    lines = _lines(request.app.state.database, found.id, outcome)
    return StreamingResponse(lines, media_type="application/x-ndjson")


async def _lines(
    database: Database, import_id: UUID, outcome: Outcome | None
) -> AsyncIterator[str]:
    after = 0
    while True:
        async with database.transaction() as session:
            some = await results_after(
                session, import_id, after=after, outcome=outcome, limit=LINES
            )
        if not some:
            return
        yield "".join(f"{result_out(one).model_dump_json()}\n" for _, one in some)
        after = some[-1][0]


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE_BYTES):
        yield piece


def _out(found: Import) -> ImportOut:
    return import_out(found, f"{router.prefix}/{found.id}/results")


def _at(found: Import) -> tuple[datetime, UUID]:
    return found.asked_at, found.id
