"""The stylesheet of this service's pages."""

from fastapi import APIRouter, Response

from services.integrations.appearance.page import STYLESHEET, stylesheet

router = APIRouter(include_in_schema=False)


@router.get(STYLESHEET)
async def style() -> Response:
    """Return the stylesheet; its address changes with its content, so it can be kept."""
    return Response(
        stylesheet()[0],
        media_type="text/css; charset=utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
