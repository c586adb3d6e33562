"""Every error as problem+json (RFC 9457), with a stable code and a title in zh and en."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from shared.correlation import current_cause
from shared.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    StaleError,
)
from shared.http.problem_titles import TITLES
from shared.trouble import is_away

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"

MOST_ERRORS: Final = 50
"""Nobody reads more; a body may have a hundred thousand unknown fields."""

LONGEST_POINTER: Final = 200

STATUSES: Mapping[type[DomainError], int] = {
    NotFoundError: 404,
    ConflictError: 409,
    InvalidError: 422,
    ForbiddenError: 403,
    StaleError: 412,
}

CODES: Mapping[int, str] = {
    400: "malformed_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
}


class FieldError(BaseModel):
    """One thing that is wrong with the request, without what was sent."""

    pointer: str = Field(description="JSON Pointer into the body, or /query/NAME, /path/NAME")
    code: str
    message: str


class Problem(BaseModel):
    """An error (RFC 9457); clients branch on `code`."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    trace_id: str
    errors: list[FieldError] | None = None


class ProblemError(Exception):
    """A refusal by a door, where no rule was asked yet."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers


REFUSALS: Final = (DomainError, ProblemError, RequestValidationError, HTTPException)
"""What a door may raise to refuse a request; anything else is a fault of ours."""


def language_of(accept: str | None) -> str:
    """Return zh or en, whichever an Accept-Language header names first; zh is the default."""
    for part in (accept or "").lower().split(","):
        language = part.split(";")[0].strip()
        if language.startswith(("zh", "en")):
            return language[:2]
    return "zh"


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **facts: Any,
) -> Response:
    """Return a problem as a response; `facts` are extra members."""
    request.state.problem = code
    language = language_of(request.headers.get("accept-language"))
    titles = {**TITLES, **getattr(request.app.state, "problem_titles", {})}
    zh, en = titles.get(code) or (HTTPStatus(status).phrase, HTTPStatus(status).phrase)
    content = {
        "type": f"urn:careloop:problem:{code}",
        "title": en if language == "en" else zh,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "code": code,
        "trace_id": current_cause().correlation_id,
        **facts,
    }
    return Response(
        orjson.dumps(content, default=str),
        status,
        media_type=MEDIA_TYPE,
        headers={
            **(headers or {}),
            "Cache-Control": "no-store",
            "Content-Language": language,
            "Vary": "Accept-Language",
        },
    )


def problem_of(request: Request, error: Exception) -> Response:
    """Return what an exception means to the caller; an unforeseen one is a 500 without detail."""
    if isinstance(error, DomainError):
        status = next(s for kind, s in STATUSES.items() if isinstance(error, kind))
        headers = {"ETag": f'"{error.facts["version"]}"'} if "version" in error.facts else None
        return problem(request, status, error.code, error.detail, headers=headers, **error.facts)
    if isinstance(error, ProblemError):
        return problem(request, error.status, error.code, error.detail, headers=error.headers)
    if isinstance(error, RequestValidationError):
        return _validation(request, error.errors())
    if isinstance(error, HTTPException):
        return _http(request, error)
    if is_away(error):
        log.error("database_unavailable", error=type(error).__name__)
        return problem(
            request,
            503,
            "unavailable",
            "The service cannot reach its database now.",
            headers={"Retry-After": "5"},
        )
    log.error("unforeseen_error", exc_info=error)
    return problem(request, 500, "internal_error", "Something went wrong here; it was logged.")


def add_problem_handlers(app: FastAPI) -> None:
    """Let an application answer refusals as problems; what nobody foresaw, `Requests` answers.

    Starlette would answer that outside all middleware, without a single one of our headers.
    """

    async def handle(request: Request, error: Exception) -> Response:
        return problem_of(request, error)

    for kind in REFUSALS:
        app.add_exception_handler(kind, handle)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI responses for the problems that an operation may answer with."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def _http(request: Request, error: HTTPException) -> Response:
    headers = dict(error.headers or {})
    methods = _methods(request)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and methods:
        headers["Allow"] = ", ".join(sorted(methods))
    code = CODES.get(error.status_code, "error")
    return problem(request, error.status_code, code, str(error.detail), headers=headers)


def _methods(request: Request) -> set[str]:
    """Return the methods of every route of this path; Starlette names only the first's."""
    path = getattr(request.scope.get("route"), "path", None)
    return {
        method
        for route in _routes(request.app.routes)
        if getattr(route, "path", None) == path
        for method in getattr(route, "methods", None) or ()
    }


def _routes(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Give the routes; FastAPI keeps those of an included router together."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from _routes(included.routes)


def _validation(request: Request, errors: Sequence[Any]) -> Response:
    kinds = {error["type"] for error in errors}
    if "json_invalid" in kinds:
        return problem(request, 400, "malformed_request", "The body is not valid JSON.")
    if any(e["loc"] == ("body",) and isinstance(e.get("input"), bytes) for e in errors):
        return problem(request, 415, "unsupported_media_type", "Send application/json.")
    fields = [
        {"pointer": _pointer(error["loc"]), "code": error["type"], "message": _sentence(error)}
        for error in errors[:MOST_ERRORS]
    ]
    return problem(
        request, 422, "invalid_request", "Some fields cannot be accepted.", errors=fields
    )


def _sentence(error: Mapping[str, Any]) -> str:
    """Return what is wrong; of a rule of ours its own words, without Pydantic's "Value error, "."""
    own = error.get("ctx", {}).get("error") if error["type"] == "value_error" else None
    return str(error["msg"] if own is None else own)


def _pointer(location: Sequence[int | str]) -> str:
    parts = location[1:] if location and location[0] == "body" else location
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)
    # a name of the caller's own may be as long as his body, and hold what no answer can
    return pointer[:LONGEST_POINTER].encode(errors="replace").decode()
