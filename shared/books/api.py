"""The differences in a service's books over HTTP, for operators; and a run when one is wanted."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.books.ask_run import ask_run
from shared.books.queries import (
    Run,
    RunState,
    StandingDifference,
    difference_page,
    get_run,
)
from shared.clock import utcnow
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction
from shared.texts import RequestModel, example

Operator = Annotated[Actor, Depends(allowed(Permission.BOOKS))]


class BookRunIn(RequestModel):
    """Compare everything, or only what came since the books last balanced."""

    model_config = example(whole=True)

    whole: bool = False


class BookRunOut(BaseModel):
    id: UUID
    night: date | None = Field(description="The day of a nightly run; null when it was asked for")
    whole: bool
    state: RunState
    asked_at: datetime
    finished_at: datetime | None
    differences: int | None = Field(description="How many there were at its end")


class BookDifferenceOut(BaseModel):
    """What does not stand on both sides of a book; once it is mended the next run takes it away."""

    id: UUID
    book: str
    key: str = Field(description="Ids of what differs, as docs/alerts.md says of each book")
    problem: str
    detail: dict[str, str | int]
    first_seen_at: datetime
    last_seen_at: datetime
    runs: int = Field(description="How many runs have found it")
    told_at: datetime | None = Field(description="When the administrators were told of it")


def books_router(service: str) -> APIRouter:
    """Return the routes of a service that keeps books."""
    router = APIRouter(
        prefix=f"/api/v1/{service}/books",
        tags=["operations"],
        route_class=IdempotentRoute,
        responses=documented(400, 401, 403, 404, 422),
    )

    @router.post("/runs", status_code=202, operation_id=f"run_{service}_books")
    async def ask(
        body: BookRunIn, response: Response, session: Transaction, operator: Operator
    ) -> BookRunOut:
        """Have the books compared now; a worker does it within seconds."""
        run = await ask_run(session, whole=body.whole, actor=operator, now=utcnow())
        response.headers["Location"] = f"{router.prefix}/runs/{run.id}"
        return _run_out(run)

    @router.get("/runs/{run_id}", operation_id=f"get_{service}_book_run")
    async def get(run_id: UUID, session: Transaction, _operator: Operator) -> BookRunOut:
        """Show whether a run is done, and how many differences it found."""
        return _run_out(await get_run(session, run_id))

    @router.get("/differences", operation_id=f"list_{service}_book_differences")
    async def differences(
        request: Request,
        response: Response,
        session: Transaction,
        _operator: Operator,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[BookDifferenceOut]:
        """List what the last run found to differ, the latest first."""
        before = keyset(request).read(cursor)
        rows = await difference_page(session, before=before, limit=limit + 1)
        return Page[BookDifferenceOut](**page(request, response, rows, limit, at=_at, out=_out))

    return router


def _at(difference: StandingDifference) -> tuple[datetime, UUID]:
    return difference.first_seen_at, difference.id


def _out(difference: StandingDifference) -> BookDifferenceOut:
    return BookDifferenceOut.model_validate(difference, from_attributes=True)


def _run_out(run: Run) -> BookRunOut:
    return BookRunOut.model_validate(run, from_attributes=True)
