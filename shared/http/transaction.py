"""One request is one transaction, committed before its answer leaves."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.database import Database, Session


class Work:
    """The transaction of one request: it begins when somebody first asks for it.

    Until then what is read is read without one, which saves two ways to the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session: Session | None = None
        self._begun = False
        self._answered = False

    async def reading(self) -> Session:
        """Return the session to read with, the same for everybody who asks.

        Raises RuntimeError when the answer has begun: nobody would commit what is done then.
        """
        if self._answered:
            raise RuntimeError("the answer has begun: its transaction is over")
        if self._session is None:
            self._session = await self._database.connect()
        return self._session

    async def session(self) -> Session:
        """Return the session within its transaction. Raises RuntimeError as `reading`."""
        session = await self.reading()
        if not self._begun:
            await self._database.begin(session)
            self._begun = True
        return session

    async def commit(self) -> None:
        """Commit what was done so far, if anything was begun."""
        session, self._session, self._begun = self._session, None, False
        if session is not None:
            await self._database.commit(session)

    async def undo(self) -> None:
        """Take back what was done since the last commit."""
        session, self._session, self._begun = self._session, None, False
        if session is not None:
            await self._database.roll_back(session)

    async def answer(self, *, refused: bool) -> None:
        """Commit, or with a refusal undo; nothing can be done after it."""
        self._answered = True
        await (self.undo() if refused else self.commit())


class Transactions:
    """Pure ASGI: commits when an answer begins, so that nobody sees 200 for work that was lost.

    A problem as answer takes the work back, and so does a request that ends without any answer.
    A dependency with `yield` would cost a request more than all that its work does with it.
    """

    def __init__(self, app: ASGIApp, database: Database) -> None:
        self._app = app
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        work = state["work"] = Work(self._database)

        async def committed(message: Message) -> None:
            if message["type"] == "http.response.start":
                await work.answer(refused="problem" in state)
            await send(message)

        try:
            await self._app(scope, receive, committed)
        finally:
            await work.undo()


def work_of(request: Request) -> Work:
    """Return the work of a request."""
    work: Work = request.state.work
    return work


async def transaction(request: Request) -> Session:
    """Return the session of a request, in its transaction."""
    return await work_of(request).session()


async def reading(request: Request) -> Session:
    """Return the session of a request that only reads: each statement for itself."""
    return await work_of(request).reading()


Transaction = Annotated[Session, Depends(transaction)]
Reading = Annotated[Session, Depends(reading)]
