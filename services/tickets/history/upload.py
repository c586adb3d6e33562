"""Large bodies: who sends one is known before it is read, and it goes to disk, not to memory."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from shared.auth.callers import claimed_actor

LARGEST_IMPORT: Final = 100 * 1024 * 1024
"""Some half a million tickets; more history than that comes in parts."""


class UploadRoute(APIRoute):
    """A route that asks for the token first; FastAPI would read the body before."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler behind the question who calls."""
        work = super().get_route_handler()

        async def handle(request: Request) -> Response:
            await claimed_actor(request)
            return await work(request)

        return handle
