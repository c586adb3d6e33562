"""What belongs to no service: health, metrics, documents, the way in."""

from collections.abc import Iterable

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.http.health import Readiness
from shared.http.problems import add_problem_handlers
from shared.http.requests import Requests


def host_app(readiness: Iterable[Readiness]) -> FastAPI:
    """Return the application for the paths that no service has."""
    checked = list(readiness)
    app = FastAPI(title="CareLoop host", openapi_url=None, redirect_slashes=False)
    add_problem_handlers(app)
    app.add_middleware(Requests, service="host")

    @app.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> Response:
        checks = {one.service.name: await one.checks() for one in checked}
        ready = all(check["database"] == "ok" for check in checks.values())
        content = {"status": "ok" if ready else "failed", "checks": checks}
        return JSONResponse(content, 200 if ready else 503)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/")
    async def way_in() -> Response:
        return RedirectResponse("/dashboard", 307)

    return app
