"""The files of the page, and the policy under which a browser may use nothing else."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

EMPTY_STYLE: Final = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""The hash of nothing: Plotly makes an empty style element and fills it through the CSSOM. It
allows no inline text; without it the layers of a chart lie under each other."""

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {EMPTY_STYLE}",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

MEDIA_TYPES: Final = {
    "dashboard.css": "text/css; charset=utf-8",
    "dashboard.js": "text/javascript; charset=utf-8",
    "plotly.min.js": "text/javascript; charset=utf-8",
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
    """Return a file of the page by its name; None for any other name."""
    media_type = MEDIA_TYPES.get(name)
    if media_type is None:
        return None
    body = _plotly() if name == "plotly.min.js" else _own(name)
    # mtime 0: the same file gives the same bytes on every replica
    return Asset(media_type, body, gzip.compress(body, 6, mtime=0), sha256(body).hexdigest()[:12])


def _own(name: str) -> bytes:
    return files("services.reporting.dashboard").joinpath("static", name).read_bytes()


def _plotly() -> bytes:
    """Return the script that ships inside the wheel, without importing its Python side."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise LookupError("plotly is not installed; it is in the dependency group `reporting`")
    return Path(spec.origin).parent.joinpath("package_data", "plotly.min.js").read_bytes()
