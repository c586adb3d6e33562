"""From a request to its door: found by the form of its path, then asked as planned.

FastAPI describes the doors, documents them and answers where there is none; but it tries one after
the other, each twice, which takes a request as long as all that a small door does.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.http.plans import Handler, planned
from shared.http.problems import REFUSALS, problem_of

Found = tuple[APIRoute, Handler, Mapping[str, Any]]


class StrictRequest(Request):
    """A request whose body is JSON as RFC 8259 has it: NaN and Infinity are no numbers."""

    async def json(self) -> Any:
        """Return the body. Raises JSONDecodeError, or what else Python raises for a bad one."""
        return json.loads(await self.body(), parse_constant=_refuse)


def _refuse(constant: str) -> Any:
    raise json.JSONDecodeError("no such number", constant, 0)


class PlannedRoute(APIRoute):
    """A route whose class surrounds the plan of its door with something of its own."""

    def get_route_handler(self) -> Handler:
        """Return what answers a request."""
        return planned(self)


class Doors:
    """Pure ASGI, innermost: serves the doors of our routers, all else goes on to FastAPI."""

    def __init__(self, app: ASGIApp, routers: Iterable[APIRouter]) -> None:
        self._app = app
        self._doors: dict[tuple[str, int], list[tuple[APIRoute, Handler]]] = {}
        for router in routers:
            for route in router.routes:
                if isinstance(route, PlannedRoute) or type(route) is APIRoute:
                    self._add(route)

    def _add(self, route: APIRoute) -> None:
        own = isinstance(route, PlannedRoute)
        handler = route.get_route_handler() if own else planned(route)
        for method in route.methods or ():
            self._doors.setdefault((method, route.path.count("/")), []).append((route, handler))

    def find(self, method: str, path: str) -> Found | None:
        """Return the door of a path, the first that fits as FastAPI has it, and what it names."""
        for route, handler in self._doors.get((method, path.count("/")), ()):
            match = route.path_regex.match(path)
            if match is not None:
                return route, handler, match.groupdict()
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        found = self.find(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"], handler, scope["path_params"] = found
        request = StrictRequest(scope, receive, send)
        try:
            answer = await handler(request)
        except REFUSALS as error:
            answer = problem_of(request, error)
        await answer(scope, receive, send)
