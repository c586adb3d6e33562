"""What belongs to no service: health, metrics, the way in."""

from collections.abc import Iterable

from fastapi import FastAPI, Response
from fastapi.responses import RedirectResponse

from shared.http.health import Readiness
from shared.http.health_api import add_health
from shared.http.problems import add_problem_handlers
from shared.http.requests import Requests


def host_app(readiness: Iterable[Readiness]) -> FastAPI:
    """Return the application for the paths that no service has."""
    app = FastAPI(title="CareLoop host", openapi_url=None, redirect_slashes=False)
    add_problem_handlers(app)
    add_health(app, readiness)
    app.add_middleware(Requests, service="host")

    @app.get("/")
    async def way_in() -> Response:
        return RedirectResponse("/dashboard", 307)

    return app
