"""A service's HTTP half: its routers inside what every service does around a request."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.middleware.cors import CORSMiddleware

from shared.auth.tokens import Keys
from shared.books.api import books_router
from shared.crypto.vault import Vault
from shared.database import Database
from shared.dead_letters.api import dead_letter_router
from shared.http.audit_api import audit_router
from shared.http.doors import Doors
from shared.http.front import Front
from shared.http.limits import BodyLimit
from shared.http.problems import Problem, add_problem_handlers, documented
from shared.http.rates import RateLimit
from shared.http.requests import Requests
from shared.http.transaction import Transactions
from shared.service import Service
from shared.snapshots.api import snapshot_router

ASKED_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Traceparent",
    "X-Request-ID",
)
TOLD_HEADERS: Final = (
    "Content-Language",
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
)
"""What a script of another origin may send and read; a cookie is never among it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a host gives to a service's doors."""

    database: Database
    vault: Vault
    keys: Keys
    front: Front = field(default_factory=Front)


def create_app(service: Service, ground: Ground) -> FastAPI:
    """Return the ASGI application of a service; documents and health are the host's."""
    app = FastAPI(
        title=f"CareLoop {service.name}",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        responses=documented(408, 413, 415, 429, 500, 503),
    )
    app.state.database = ground.database
    app.state.vault = ground.vault
    app.state.keys = ground.keys
    app.state.rates = ground.front.limiter()
    app.state.cursor_key = ground.vault.blind_index("cursors")
    app.state.problem_titles = service.problem_titles
    for name, value in service.state.items():
        setattr(app.state, name, value)
    add_problem_handlers(app)
    routers = (*common_routers(service), *service.routers)
    for router in routers:
        app.include_router(router)
    app.add_middleware(Doors, routers=routers)
    app.add_middleware(Transactions, database=ground.database)
    app.add_middleware(BodyLimit, larger=service.large_bodies, seconds=ground.front.body_seconds)
    _surround(app, service.name, ground.front)
    return app


def _surround(app: FastAPI, name: str, front: Front) -> None:
    """Put around every request what the front wants, the outermost last."""
    if front.rates:
        app.add_middleware(RateLimit, rates=app.state.rates)
    if front.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=front.origins,
            allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
            allow_headers=ASKED_HEADERS,
            expose_headers=TOLD_HEADERS,
            max_age=600,
        )
    app.add_middleware(Requests, service=name, https=front.https)


def common_routers(service: Service) -> tuple[APIRouter, ...]:
    """Return the routes that a service has because it is one of ours."""
    common = [dead_letter_router(service.name), audit_router(service.name)]
    if service.snapshots:
        common.append(snapshot_router(service.name, service.snapshots))
    if service.ledger is not None:
        common.append(books_router(service.name))
    return tuple(common)


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Return an application's OpenAPI document with the schema of its problems."""
    document = app.openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for path in document["paths"].values():
        for operation in path.values():
            _complete(operation)
    return document


def _complete(operation: dict[str, Any]) -> None:
    """Let the door's first clause be its summary, and our form of 422 stand for FastAPI's own."""
    if "description" in operation:
        operation["summary"] = re.split(r"[;:.]\s", f"{operation['description']} ", maxsplit=1)[0]
    answer = operation.get("responses", {}).get("422")
    if answer is not None:
        answer["content"] = documented(422)[422]["content"]
