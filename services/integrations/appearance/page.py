"""Pages of this service: one style, two languages, and a browser that may load nothing else."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import (
    ChoiceLoader,
    Environment,
    PackageLoader,
    StrictUndefined,
    select_autoescape,
)

from shared.http.problems import language_of

STYLESHEET: Final = "/sign-in-assets/pages.css"

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}

TAGS: Final = {"zh": "zh-CN", "en": "en"}
NAMES: Final = {"zh": "中文", "en": "English"}


def page_language(request: Request) -> str:
    """Return zh or en: what the address says, else the browser."""
    asked = request.query_params.get("lang")
    return asked if asked in TAGS else language_of(request.headers.get("accept-language"))


def page(
    request: Request,
    template: str,
    words: Mapping[str, Mapping[str, str]],
    *,
    status: int = 200,
    address: Mapping[str, str],
    **content: Any,
) -> HTMLResponse:
    """Return a page in the reader's language; `address` are the query parameters it keeps."""
    language = page_language(request)
    other = "en" if language == "zh" else "zh"
    body = (
        _templates()
        .get_template(template)
        .render(
            w=words[language],
            language=language,
            tag=TAGS[language],
            organisation=request.app.state.letterhead.organisations[language],
            stylesheet=f"{STYLESHEET}?v={stylesheet()[1]}",
            other_tag=TAGS[other],
            other_name=NAMES[other],
            other_address=f"{request.url.path}?{urlencode({**address, 'lang': other})}",
            **content,
        )
    )
    return HTMLResponse(body, status, {**HEADERS, "Content-Language": language})


@cache
def stylesheet() -> tuple[bytes, str]:
    """Return the stylesheet and its version, which stands in its address."""
    package = files("services.integrations.appearance")
    body = package.joinpath("static", "pages.css").read_bytes()
    return body, sha256(body).hexdigest()[:12]


@cache
def _templates() -> Environment:
    folders = ("appearance", "sign_in", "notifications")
    return Environment(
        loader=ChoiceLoader(
            [PackageLoader(f"services.integrations.{folder}", "templates") for folder in folders]
        ),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,  # a misspelt name is an error, not an empty place
        trim_blocks=True,
        lstrip_blocks=True,
    )
