"""OWASP API9: what is served is what is documented, and nothing else answers."""

from typing import Final

from careloop.files import all_services
from tests.house.test_doors import DOCUMENT, PUBLIC, routes

PAGES: Final = {
    "GET /dashboard-assets/{name}",
    "GET /outbox",
    "GET /s/assets/{name}",
    "GET /s/{token}",
    "GET /sign-in",
    "GET /sign-in-assets/pages.css",
    "GET /sign-out",
    "POST /s/{token}",
    "POST /s/{token}/callback",
    "POST /s/{token}/opened",
    "POST /sign-in",
    "POST /sign-out",
}
"""What people see in a browser; everything else stands in the document."""


def test_every_route_is_documented_and_every_document_has_its_route() -> None:
    served = {f"{method} {route.path}" for route in routes() for method in route.methods or ()}
    documented = {
        f"{method.upper()} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }
    assert served - documented == PAGES
    assert documented - served == set()
    assert served >= PAGES


def test_a_page_without_a_guard_is_meant_for_everybody() -> None:
    assert set(PUBLIC) >= PAGES


def test_every_address_belongs_to_one_service_and_names_its_version() -> None:
    owners: dict[str, str] = {}
    for service in all_services().values():
        for router in service.routers:
            for route in router.routes:
                path = getattr(route, "path", "")
                assert path.startswith(("/api/v1/", "/s", "/dashboard", "/outbox")), path
                assert owners.setdefault(path, service.name) == service.name
