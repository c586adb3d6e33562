"""What nginx needs to be the one origin: whose a path is, and the pages that are nobody's.

The one-process host answers the same from memory (standalone/gateway.py, documents.py).
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from shared.http.problem_titles import TITLES
from shared.service import Service
from standalone.documents import PAGE, POLICY, START, words_of
from standalone.gateway import owners

FOLDER: Final = Path("deploy/nginx")

TOKENS: Final = "/api/v1/auth/token"
"""Where guessing pays: it has a rate of its own."""

MIB: Final = 1024 * 1024

PROBLEMS: Final = (
    (404, "404", "not_found", ""),
    (413, "413", "too_large", ""),
    (429, "429", "too_many_requests", "Retry-After 1"),
    (503, "500 502 503 504 =503", "unavailable", "Retry-After 5"),
)
"""What nginx answers itself: status, for which of its own, code, header."""


def gateway_files(services: Sequence[Service]) -> dict[Path, str]:
    """Return the text of nginx's generated files by their path below the root."""
    words = words_of(dict(service.vocabulary) for service in services)
    return {
        FOLDER / "routes.conf": routes(services),
        FOLDER / "site.conf": _headers(),
        FOLDER / "site/api/docs.html": PAGE,
        FOLDER / "site/api/docs-start.js": START,
        FOLDER / "site/api/vocabulary.json": json.dumps(words, ensure_ascii=False, indent=1) + "\n",
    }


def routes(services: Sequence[Service]) -> str:
    """Return nginx's locations: which service has which first words of a path."""
    words_by_service: dict[str, list[str]] = {service.name: [] for service in services}
    for words, name in sorted(owners(services).items()):
        words_by_service[name].append(words)
    parts = ["# Written by `make generate` from the services' routers.\n"]
    parts += [_location(f"= {TOKENS}", "integrations", "limit_req zone=sign_in burst=20 nodelay;")]
    for service in services:
        parts += [
            _location(f"= {path}", service.name, f"client_max_body_size {_mib(size)}m;")
            for path, size in sorted(service.large_bodies.items())
        ]
        alternatives = "|".join(words.removeprefix("/") for words in words_by_service[service.name])
        parts.append(_location(f"~ ^/({alternatives})(/|$)", service.name))
    return "\n".join([*parts, *_problems()])


def _location(which: str, service: str, *lines: str) -> str:
    """Return a location whose requests a service answers."""
    inside = (f"set $service {service}-api;", *lines, "include /etc/careloop/proxy.conf;")
    return "\n".join([f"location {which} {{", *(f"  {line}" for line in inside), "}\n"])


def _mib(size: int) -> int:
    """Return a size in MiB and one more: the service refuses with a problem of its own."""
    return size // MIB + 1


def _problems() -> Iterable[str]:
    """Return what nginx says itself, as the services would (shared/http/problems.py)."""
    for status, own, code, header in PROBLEMS:
        zh, en = TITLES[code]
        content: dict[str, Any] = {
            "type": f"urn:careloop:problem:{code}",
            "title": f"{zh} / {en}",
            "status": status,
            "detail": en,
            "instance": "$plain_path",
            "code": code,
            "trace_id": "$request_name",
        }
        lines = [
            "internal;",
            "default_type application/problem+json;",
            "add_header Cache-Control no-store always;",
            "add_header X-Content-Type-Options nosniff always;",
            "add_header X-Request-ID $request_name always;",
            *([f"add_header {header} always;"] if header else []),
            f"return {status} '{json.dumps(content, ensure_ascii=False)}';",
        ]
        yield f"error_page {own} @{code};"
        yield "\n".join([f"location @{code} {{", *(f"  {line}" for line in lines), "}\n"])


def _headers() -> str:
    """Return the headers of the documents."""
    return "\n".join(
        [
            "# Written by `make generate`.",
            f'add_header Content-Security-Policy "{POLICY}" always;',
            "add_header X-Content-Type-Options nosniff always;",
            "add_header Referrer-Policy no-referrer always;",
            "add_header X-Frame-Options DENY always;",
            "add_header X-Request-ID $request_name always;",
            "",
        ]
    )
