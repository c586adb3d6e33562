"""Health and metrics over HTTP, for who watches over the process."""

from collections.abc import Iterable

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.http.health import Readiness
from shared.metrics import BUILD, POOL_IN_USE, POOL_SIZE
from shared.release import RELEASE


def add_health(app: FastAPI, readiness: Iterable[Readiness]) -> None:
    """Let an application answer /livez, /readyz and /metrics."""
    checked = list(readiness)
    BUILD.labels(RELEASE).set(1)

    @app.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        checks = {one.service.name: await one.checks() for one in checked}
        status = "ok" if all(one["database"] == "ok" for one in checks.values()) else "failed"
        if any(one.leaving for one in checked):
            status = "leaving"
        content = {"status": status, "checks": checks}
        return JSONResponse(content, 200 if status == "ok" else 503)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        for one in checked:
            pool, name = one.database.pool, one.database.name
            POOL_SIZE.labels(name).set(pool.size)
            POOL_IN_USE.labels(name).set(pool.in_use)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
