"""Each door says whom it lets in, and its document shows how to knock."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from careloop.files import all_services, openapi_text
from services.reporting.dashboard.signed_in import page_reader
from shared.auth.callers import Caller
from shared.auth.rights import RIGHTS, SCOPES, Permission
from shared.http.app import common_routers

PUBLIC: Final = {
    "GET /api/v1/auth/jwks.json": "keys that are meant for everybody",
    "POST /api/v1/auth/token": "who has no token yet asks for one",
    "GET /sign-in": "who is not signed in signs in",
    "POST /sign-in": "the same",
    "GET /sign-out": "asks only",
    "POST /sign-out": "takes a cookie away",
    "GET /sign-in-assets/pages.css": "a style",
    "GET /outbox": "development only, else 404",
    "GET /api/v1/outbox": "development only, else 404",
    "POST /api/v1/inbound/{slug}": "the signature of the body is the right",
    "GET /api/v1/public/surveys/{token}": "the token of the link is the right",
    "POST /api/v1/public/surveys/{token}": "the same",
    "POST /api/v1/public/surveys/{token}/opened": "the same",
    "POST /api/v1/public/surveys/{token}/callback": "the same",
    "GET /s/{token}": "the same",
    "POST /s/{token}": "the same",
    "POST /s/{token}/opened": "the same",
    "POST /s/{token}/callback": "the same",
    "GET /s/assets/{name}": "styles and scripts",
    "GET /dashboard-assets/{name}": "styles and scripts",
}
"""The doors that nobody guards, and why."""


def routes() -> Iterator[APIRoute]:
    for service in all_services().values():
        for router in (*common_routers(service), *service.routers):
            for route in router.routes:
                assert isinstance(route, APIRoute)
                yield route


def called(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    """Give everything that is called for a request."""
    yield dependant.call
    for below in dependant.dependencies:
        yield from called(below)


def operations(route: APIRoute) -> set[str]:
    return {f"{method} {route.path}" for method in route.methods or ()}


def asked(route: APIRoute) -> set[Permission]:
    """Return the permissions of which a route wants one."""
    return {
        permission
        for call in called(route.dependant)
        if isinstance(call, Caller)
        for permission in call.permissions
    }


def is_guarded(route: APIRoute) -> bool:
    return any(isinstance(call, Caller) or call is page_reader for call in called(route.dependant))


def test_every_door_is_guarded_or_public_on_purpose() -> None:
    open_doors = {
        operation for route in routes() if not is_guarded(route) for operation in operations(route)
    }
    assert open_doors == set(PUBLIC)


def test_every_permission_opens_some_door_and_is_somebodys() -> None:
    wanted = {permission for route in routes() for permission in asked(route)}
    tables = (*RIGHTS.values(), *SCOPES.values())
    given = {permission for rights in tables for permission in rights}
    assert (set(Permission) - wanted, set(Permission) - given) == (set(), set())


DOCUMENT: Final = json.loads(openapi_text(list(all_services().values())))


def bodies() -> dict[str, dict[str, Any]]:
    """Return what each operation takes, by operation and kind of body."""
    return {
        operation["operationId"]: content
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
    }


def test_every_example_is_taken_as_it_stands() -> None:
    shown = [
        (shape, one)
        for route in routes()
        if route.body_field and (shape := route.body_field.field_info.annotation)
        for one in schema_of(route).get("examples", [])
    ]
    assert len(shown) > len(all_services())
    for shape, one in shown:
        TypeAdapter(shape).validate_json(json.dumps(one))


def schema_of(route: APIRoute) -> dict[str, Any]:
    """Return the documented shape of what a route takes as JSON."""
    body = bodies()[route.operation_id or ""]
    name = body["schema"].get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = DOCUMENT["components"]["schemas"].get(name, body["schema"])
    return found


@pytest.mark.parametrize("operation", sorted(bodies()))
def test_an_operation_shows_what_is_sent_to_it(operation: str) -> None:
    body = bodies()[operation]
    name = body["schema"].get("$ref", "").rpartition("/")[2]
    schema = DOCUMENT["components"]["schemas"].get(name, body["schema"])
    examples = schema.get("examples", [])
    shown = [body["example"]] if "example" in body else examples
    assert shown, f"{name} has no example"
    for one in shown:
        assert set(schema.get("required", [])) <= set(one) <= set(schema["properties"])


def test_every_operation_says_what_it_does() -> None:
    silent = {
        operation["operationId"]
        for path in DOCUMENT["paths"].values()
        for operation in path.values()
        if not operation.get("description")
    }
    assert silent == set()
