"""The files of the pages, and the rules under which a browser shows them."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from shared.http.assets import Asset, asset_of

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

PAGE_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is the secret
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Language",
}

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "survey.css": "text/css; charset=utf-8",
    "survey.js": "text/javascript; charset=utf-8",
}


@cache
def asset(name: str) -> Asset | None:
    """Return a file of the pages by its name; None for any other name."""
    media_type = MEDIA_TYPES.get(name)
    if media_type is None:
        return None
    body = files("services.surveys.responses.pages").joinpath("static", name).read_bytes()
    return asset_of(media_type, body)
