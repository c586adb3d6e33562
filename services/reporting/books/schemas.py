"""The books as they are answered over HTTP."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.reporting.books.rules import Books, Problem
from services.reporting.figures.period_rules import Period
from services.reporting.figures.schemas import Words, words


class DifferenceOut(BaseModel):
    ticket_id: UUID
    cycle_no: int
    problem: Problem
    words: Words


class BooksOut(BaseModel):
    """closed = invited + suppressed; invited = open + completed + expired + cancelled."""

    first: date
    last: date
    as_of: datetime
    balanced: bool
    closed: int
    invited: int
    suppressed: int
    open: int
    completed: int
    expired: int
    cancelled: int
    differences: list[DifferenceOut]
    more: bool = Field(description="Whether there are more differences than are listed")


def books_out(books: Books, period: Period, as_of: datetime) -> BooksOut:
    return BooksOut(
        first=period.first,
        last=period.last,
        as_of=as_of,
        balanced=books.balanced,
        closed=books.closed,
        invited=books.invited,
        suppressed=books.suppressed,
        open=books.open,
        completed=books.completed,
        expired=books.expired,
        cancelled=books.cancelled,
        differences=[
            DifferenceOut(
                ticket_id=one.ticket_id,
                cycle_no=one.cycle_no,
                problem=one.problem,
                words=words(one.words),
            )
            for one in books.differences
        ],
        more=books.more,
    )
