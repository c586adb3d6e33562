"""What the services have in common to read: one OpenAPI document, its page, one vocabulary."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.staticfiles import StaticFiles

from shared.http.app import openapi_of
from shared.vocabulary import Labels

ASSETS: Final = "/api/docs-assets"

PAGE: Final = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>CareLoop API</title>
<link rel="stylesheet" href="{ASSETS}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{ASSETS}/swagger-ui-bundle.js"></script>
<script src="/api/docs-start.js"></script>
</body>
</html>
"""

START: Final = (
    'SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#swagger-ui", deepLinking: true, '
    "tryItOutEnabled: true});\n"
)

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Swagger UI sets styles on its elements; scripts stay strict."""


def merged(documents: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return one OpenAPI document of all.

    Raises ValueError when two have one path, or one name for two schemas.
    """
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "CareLoop", "version": "1"},
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for document in documents:
        _add(whole["paths"], document["paths"])
        for kind, entries in document.get("components", {}).items():
            _add(whole["components"].setdefault(kind, {}), entries)
    whole["tags"] = [{"name": tag} for tag in _tags(whole["paths"])]
    return whole


def _tags(paths: dict[str, Any]) -> list[str]:
    """Return the tags in the order of their first use; what operators need comes last."""
    used = [tag for path in paths.values() for o in path.values() for tag in o.get("tags", [])]
    return sorted(dict.fromkeys(used), key=lambda tag: tag == "operations")


def add_documents(
    host: FastAPI, apps: Iterable[FastAPI], vocabularies: Iterable[dict[str, Labels]]
) -> None:
    """Let the host serve /api/openapi.json, /api/docs and /api/v1/vocabulary."""
    document = merged(openapi_of(app) for app in apps)
    words = words_of(vocabularies)

    @host.get("/api/openapi.json", include_in_schema=False)
    async def openapi() -> JSONResponse:
        return JSONResponse(document)

    @host.get("/api/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(PAGE, headers={"Content-Security-Policy": POLICY})

    @host.get("/api/docs-start.js", include_in_schema=False)
    async def start() -> HTMLResponse:
        return HTMLResponse(START, media_type="text/javascript")

    @host.get("/api/v1/vocabulary", include_in_schema=False)
    async def labels() -> JSONResponse:
        return JSONResponse(words)

    host.mount(ASSETS, StaticFiles(directory=_swagger()))


def words_of(vocabularies: Iterable[dict[str, Labels]]) -> dict[str, Any]:
    """Return one vocabulary of all. Raises ValueError when two differ in a name."""
    words: dict[str, Any] = {}
    for vocabulary in vocabularies:
        _add(words, {name: _shown(codes) for name, codes in vocabulary.items()})
    return words


def _swagger() -> Path:
    """Return the folder of Swagger UI's files in its package, without importing it."""
    found = importlib.util.find_spec("fastapi_swagger")
    if found is None or found.origin is None:
        msg = "the package fastapi-swagger is not installed"
        raise ImportError(msg)
    return Path(found.origin).parent / "resources"


def _shown(labels: Labels) -> list[dict[str, str]]:
    return [{"code": code, "zh": zh, "en": en} for code, (zh, en) in labels.items()]


def _add(whole: dict[str, Any], part: dict[str, Any]) -> None:
    for name, content in part.items():
        if whole.setdefault(name, content) != content:
            msg = f"{name} is defined twice, and differently"
            raise ValueError(msg)
