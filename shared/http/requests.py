"""Around every request: its correlation id, one line of log, its time, its security headers."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.correlation import Cause, set_cause
from shared.http.problems import problem_of
from shared.logs import mask
from shared.metrics import ERRORS, IN_FLIGHT, REQUESTS
from shared.tracing import Current, Kind, Step, span

REQUEST_ID: Final = re.compile(r"^[A-Za-z0-9\-_.]{1,64}$")
TRACEPARENT: Final = re.compile(
    r"^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$"
)

QUIET: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked every few seconds by machines; they would drown what people do."""

SECURITY_HEADERS: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-resource-policy", b"same-site"),
)
"""For answers that say nothing themselves; a page brings the policy that it needs."""

HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
"""Only where the origin is HTTPS; over HTTP it means nothing, and a try-out has no certificate."""

Headers = Sequence[tuple[bytes, bytes]]

log = structlog.get_logger()


class Requests:
    """Pure ASGI, outermost: everything that happens inside knows the correlation id."""

    def __init__(self, app: ASGIApp, service: str, *, https: bool = False) -> None:
        self._app = app
        self._service = service
        self._in_flight = IN_FLIGHT.labels(service)
        self._headers = (*SECURITY_HEADERS, HSTS) if https else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cause = _cause(scope)
        if scope["path"] in QUIET:
            await self._serve(scope, receive, send, cause, None)
            return
        with span(Kind.SERVER, Step(scope["method"], cause.traceparent, {})) as current:
            if current is not None:
                cause = replace(cause, traceparent=current.traceparent)
            await self._serve(scope, receive, send, cause, current)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, cause: Cause, current: Current | None
    ) -> None:
        set_cause(cause)
        began = time.perf_counter()
        self._in_flight.inc()
        status, started = 500, False

        async def answered(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                _complete(message, self._headers, cause, scope["path"])
            await send(message)

        try:
            await self._app(scope, receive, answered)
        except Exception as error:
            if started:
                raise
            await problem_of(Request(scope), error)(scope, receive, answered)
        finally:
            self._in_flight.dec()
            self._note(scope, status, time.perf_counter() - began)
            if current is not None:
                self._describe(current, scope, status)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        if scope["path"] in QUIET:
            return
        route = getattr(scope.get("route"), "path", None)
        actor = scope.get("state", {}).get("actor")
        REQUESTS.labels(self._service, scope["method"], route or "unknown", str(status)).observe(
            seconds
        )
        code = scope.get("state", {}).get("problem")
        if code is not None:
            ERRORS.labels(self._service, code).inc()
        log.info(
            "request",
            service=self._service,
            method=scope["method"],
            route=route or mask(scope["path"])[:200],
            status=status,
            duration_ms=round(seconds * 1000, 1),
            actor_kind=getattr(actor, "kind", None),
            actor_id=getattr(actor, "id", None),
        )

    def _describe(self, current: Current, scope: Scope, status: int) -> None:
        route = getattr(scope.get("route"), "path", None) or "unknown"
        attributes: dict[str, str | int] = {
            "careloop.service": self._service,
            "http.request.method": scope["method"],
            "http.route": route,
            "http.response.status_code": status,
        }
        failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        current.describe(f"{scope['method']} {route}", attributes, failed=failed)


def _cause(scope: Scope) -> Cause:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    request_id = headers.get(b"x-request-id", b"").decode("latin-1")
    traceparent = headers.get(b"traceparent", b"").decode("latin-1")
    return Cause(
        correlation_id=request_id if REQUEST_ID.match(request_id) else uuid4().hex,
        traceparent=traceparent if TRACEPARENT.match(traceparent) else None,
        address=(scope.get("client") or (None,))[0],
    )


def _complete(message: Message, always: Headers, cause: Cause, path: str) -> None:
    """Add the headers that every answer has; what is personal is not kept by anybody between."""
    headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
    present: set[Any] = {name.lower() for name, _ in headers}
    wanted = (*always, (b"x-request-id", cause.correlation_id.encode()))
    headers += [(name, value) for name, value in wanted if name not in present]
    if path.startswith("/api/") and b"cache-control" not in present:
        headers.append((b"cache-control", b"no-store"))
    message["headers"] = headers
