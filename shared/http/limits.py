"""A body that is too large, or comes too slowly, is refused before it costs anything."""

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import problem_of

LARGEST_BODY: Final = 1_048_576
"""A complaint of 20,000 characters is 60 kB; what is larger is a file or an attack."""

MOST_DIGITS: Final = 19
"""Of a number with more digits the first ones are too large already."""

CLOSE: Final = {"Connection": "close"}
"""The rest of the body is not read, so the line cannot be used again."""


class BodyLimit:
    """Pure ASGI: answers 413 by Content-Length, or when a chunked body grows too large.

    A body that is not whole in time is a 408: who sends a byte a second holds a place for ever.
    """

    def __init__(
        self,
        app: ASGIApp,
        largest: int = LARGEST_BODY,
        larger: Mapping[str, int] | None = None,
        seconds: float = 60,
    ) -> None:
        """Let bodies have `largest` bytes, at the paths of `larger` what stands there."""
        self._app = app
        self._seconds = seconds
        self._largest = largest
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on unless its body is too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = self._larger.get(scope["path"], self._largest)
        if self._announced(scope) > largest:
            await problem_of(Request(scope), self._error(largest))(scope, receive, send)
            return
        read, whole = 0, False
        late = asyncio.get_running_loop().time() + self._seconds

        async def counted() -> Message:
            nonlocal read, whole
            if whole:  # what is waited for now is the end of the connection
                return await receive()
            try:
                async with asyncio.timeout_at(late):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, "The body did not come in time.", CLOSE) from error
            whole = not message.get("more_body", False)
            read += len(message.get("body", b""))
            if read > largest:
                raise self._error(largest)
            return message

        await self._app(scope, counted, send)

    def _announced(self, scope: Scope) -> int:
        value = dict(scope["headers"]).get(b"content-length", b"0")
        return int(value[:MOST_DIGITS]) if value.isdigit() else 0

    def _error(self, largest: int) -> HTTPException:
        """Return the refusal; of all that reading may raise, FastAPI lets only this kind pass."""
        return HTTPException(413, f"A body may have {largest} bytes.", CLOSE)
