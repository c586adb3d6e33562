"""The files of the page, and the policy under which a browser may use nothing else."""

from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from shared.http.assets import Asset, asset_of

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


@cache
def asset(name: str) -> Asset | None:
    """Return a file of the page by its name; None for any other name."""
    media_type = MEDIA_TYPES.get(name)
    if media_type is None:
        return None
    body = _plotly() if name == "plotly.min.js" else _own(name)
    return asset_of(media_type, body)


def _own(name: str) -> bytes:
    return files("services.reporting.dashboard").joinpath("static", name).read_bytes()


def _plotly() -> bytes:
    """Return the script that ships inside the wheel, without importing its Python side."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise LookupError("plotly is not installed; it is in the dependency group `reporting`")
    return Path(spec.origin).parent.joinpath("package_data", "plotly.min.js").read_bytes()
