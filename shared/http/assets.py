"""Files of pages: sent compressed, and kept for ever because their address names their content."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from fastapi import Request, Response

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `version` belongs into its address."""

    media_type: str
    body: bytes
    gzipped: bytes
    version: str


def asset_of(media_type: str, body: bytes) -> Asset:
    """Return a file ready to be sent; the same file is the same bytes on every replica."""
    # mtime 0: the time of compressing would differ between replicas
    return Asset(media_type, body, gzip.compress(body, 6, mtime=0), sha256(body).hexdigest()[:12])


def sent(request: Request, asset: Asset) -> Response:
    """Return the answer that sends a file, compressed if the browser can."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers = {**HEADERS, "Content-Encoding": "gzip"}
        return Response(asset.gzipped, headers=headers, media_type=asset.media_type)
    return Response(asset.body, headers=dict(HEADERS), media_type=asset.media_type)
