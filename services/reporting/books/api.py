"""The books over HTTP."""

from fastapi import APIRouter

from services.reporting.books.queries import books
from services.reporting.books.schemas import BooksOut, books_out
from services.reporting.figures.scope import AskedScope
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(tags=["figures"], responses=documented(400, 401, 403, 422))


@router.get("/api/v1/books", operation_id="get_books")
async def get_books(session: Transaction, scope: AskedScope) -> BooksOut:
    """Show whether every cycle closed in a period was invited or suppressed; differences by id."""
    found = await books(session, scope.period, scope.part, scope.units)
    return books_out(found, scope.period, scope.as_of)
