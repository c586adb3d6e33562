"""A body that is too large is refused before it fills the memory."""

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import ProblemError, problem_of

LARGEST_BODY: Final = 1_048_576
"""A complaint of 20,000 characters is 60 kB; what is larger is a file or an attack."""


class BodyLimit:
    """Pure ASGI: answers 413 by Content-Length, or when a chunked body grows too large."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on unless its body is too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._announced(scope) > self._largest:
            await self._refuse(scope, receive, send)
            return
        read = 0
        started = False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLargeError:
            if not started:
                await self._refuse(scope, receive, send)

    def _announced(self, scope: Scope) -> int:
        value = dict(scope["headers"]).get(b"content-length", b"0")
        return int(value) if value.isdigit() else 0

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = ProblemError(
            413, "too_large", f"A body may have {self._largest} bytes.", {"Connection": "close"}
        )
        await problem_of(Request(scope), error)(scope, receive, send)


class _TooLargeError(Exception):
    """The body grew past the limit while it was read."""
