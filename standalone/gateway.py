"""One origin for many services: each path goes to the service that has its first words."""

from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.service import Service

API = "/api/v1/"


def first_words(path: str) -> str:
    """Return the part of a path that says whose it is: /api/v1/tickets of /api/v1/tickets/{id}."""
    depth = 4 if path.startswith(API) else 2
    return "/".join(path.split("/")[:depth])


def owners(services: Iterable[Service]) -> dict[str, str]:
    """Return which first words belong to which service, by its name.

    Raises ValueError when two services have the same.
    """
    found: dict[str, str] = {}
    for service in services:
        paths = [
            getattr(route, "path", "") for router in service.routers for route in router.routes
        ]
        for words in {f"{API}{service.name}", *map(first_words, paths)}:
            if found.setdefault(words, service.name) != service.name:
                msg = f"{words} belongs to {found[words]} and to {service.name}"
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
