"""One request is one transaction, committed before the response is sent."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from shared.database import Database, Session


async def transaction(request: Request) -> AsyncIterator[Session]:
    """Give the request its session: the one of the idempotent route around it, or a new one."""
    running: Session | None = getattr(request.state, "session", None)
    if running is not None:
        yield running
        return
    database: Database = request.app.state.database
    async with database.transaction() as session:
        yield session


# scope="function" commits before the response: a client never sees 200 for work that was lost.
Transaction = Annotated[Session, Depends(transaction, scope="function")]
