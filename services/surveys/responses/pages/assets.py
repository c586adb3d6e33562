"""The files of the pages, and the rules under which a browser shows them."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

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

ASSET_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "public, max-age=31536000, immutable",  # its version is in its address
    "X-Content-Type-Options": "nosniff",
}

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "survey.css": "text/css; charset=utf-8",
    "survey.js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `version` belongs into its address, so that it can be kept for ever."""

    media_type: str
    body: bytes
    gzipped: bytes
    version: str


@cache
def asset(name: str) -> Asset | None:
    """Return a file of the pages by its name; None for any other name."""
    media_type = MEDIA_TYPES.get(name)
    if media_type is None:
        return None
    body = files("services.surveys.responses.pages").joinpath("static", name).read_bytes()
    # mtime 0: the same file gives the same bytes on every replica
    return Asset(media_type, body, gzip.compress(body, 6, mtime=0), sha256(body).hexdigest()[:12])
