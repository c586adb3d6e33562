"""One origin for many services: each path goes to the service that has its first words."""

from collections.abc import Iterable, Mapping

from fastapi import FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

API = "/api/v1/"


def first_words(path: str) -> str:
    """Return the part of a path that says whose it is: /api/v1/tickets of /api/v1/tickets/{id}."""
    depth = 4 if path.startswith(API) else 2
    return "/".join(path.split("/")[:depth])


def owners(apps: Iterable[FastAPI]) -> dict[str, FastAPI]:
    """Return which application has which first words.

    Raises ValueError when two applications have the same.
    """
    found: dict[str, FastAPI] = {}
    for app in apps:
        for words in {first_words(path) for path in map(_path, app.routes) if path}:
            if found.setdefault(words, app) is not app:
                msg = f"{words} belongs to {found[words].title} and to {app.title}"
                raise ValueError(msg)
    return found


class Gateway:
    """An ASGI application that hands requests on, unchanged; `host` has what is nobody's."""

    def __init__(self, services: Mapping[str, ASGIApp], host: ASGIApp) -> None:
        self._services = services
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the host's lifespan."""
        app = self._host
        if scope["type"] != "lifespan":
            app = self._services.get(first_words(scope["path"]), self._host)
        await app(scope, receive, send)


def _path(route: BaseRoute) -> str:
    return str(getattr(route, "path", ""))
