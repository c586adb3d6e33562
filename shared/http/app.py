"""A service's HTTP half: its routers inside what every service does around a request."""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI

from shared.auth.tokens import Keys
from shared.crypto.vault import Vault
from shared.database import Database
from shared.dead_letters.api import dead_letter_router
from shared.http.audit_api import audit_router
from shared.http.limits import BodyLimit
from shared.http.problems import Problem, add_problem_handlers, documented
from shared.http.requests import Requests
from shared.service import Service
from shared.snapshots.api import snapshot_router


@dataclass(frozen=True, slots=True)
class Ground:
    """What a host gives to a service's doors."""

    database: Database
    vault: Vault
    keys: Keys


def create_app(service: Service, ground: Ground) -> FastAPI:
    """Return the ASGI application of a service; documents and health are the host's."""
    app = FastAPI(
        title=f"CareLoop {service.name}",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=documented(413, 415, 500, 503),
    )
    app.state.database = ground.database
    app.state.vault = ground.vault
    app.state.keys = ground.keys
    app.state.cursor_key = ground.vault.blind_index("cursors")
    app.state.problem_titles = service.problem_titles
    for name, value in service.state.items():
        setattr(app.state, name, value)
    add_problem_handlers(app)
    for router in (*common_routers(service), *service.routers):
        app.include_router(router)
    app.add_middleware(BodyLimit, larger=service.large_bodies)
    app.add_middleware(Requests, service=service.name)
    return app


def common_routers(service: Service) -> tuple[APIRouter, ...]:
    """Return the routes that a service has because it is one of ours."""
    common = (dead_letter_router(service.name), audit_router(service.name))
    if not service.snapshots:
        return common
    return (*common, snapshot_router(service.name, service.snapshots))


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
