"""The door of partners' systems: open to everybody, believed by signature, answered at once."""

import re
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.integrations.inbound.delivery_schemas import InboundReceipt
from services.integrations.inbound.receive_delivery import receive_delivery, turn_away
from services.integrations.inbound.refusal_metrics import INBOUND_REJECTED
from services.integrations.inbound.scheme_rules import SLUG
from services.integrations.inbound.source_queries import InboundSource, source_with
from services.integrations.inbound.verify_signature import SignedRequest
from services.integrations.inbound.vocabulary import AttemptRefusal
from shared.clock import utcnow
from shared.database import Database
from shared.http.problems import ProblemError, documented

LARGEST_DELIVERY: Final = 262_144
"""Dataverse cuts its bodies at this size; a record of a customer has some kilobytes."""

JSON_TYPE: Final = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json")
UNKNOWN: Final = "unknown"

CHALLENGE: Final = {"WWW-Authenticate": 'Signature realm="careloop"'}
"""RFC 9110 wants a 401 to say by what to be believed."""

router = APIRouter(
    prefix="/api/v1/inbound", tags=["partners"], responses=documented(401, 404, 413, 415)
)

_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "Whatever the source's mapping reads",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"type": {"type": "string"}, "data": {"type": "object"}},
                },
                "example": {"type": "contact.updated", "data": {"id": 10023}},
            }
        },
    }
}


@router.post(
    "/{slug}",
    status_code=202,
    operation_id="receive_inbound",
    response_model=InboundReceipt,
    responses={200: {"model": InboundReceipt, "description": "Received before"}},
    openapi_extra=_BODY,
)
async def receive(slug: str, request: Request) -> Response:
    """Take in what a source signed; a repetition is answered with 200 and changes nothing.

    Who is turned away is told that, not why: the source's administrator sees the reason.
    """
    state, now = request.app.state, utcnow()
    database: Database = state.database
    source = None
    if SLUG.fullmatch(slug):
        async with database.transaction() as session:
            source = await source_with(session, state.vault, slug, now=now)
    if source is None:
        INBOUND_REJECTED.labels(UNKNOWN, "unknown_source").inc()
        raise ProblemError(404, "inbound_source_not_found", "There is no such source.")
    body = await _body(database, source, request)
    receipt = await receive_delivery(
        database, state.vault, source, _signed(request, state.public_url, body), now
    )
    if receipt.refusal is not None:
        INBOUND_REJECTED.labels(source.slug, receipt.refusal).inc()
        raise ProblemError(401, "signature_refused", "The request is not believed.", CHALLENGE)
    status, code = ("accepted", 202) if receipt.new else ("duplicate", 200)
    return JSONResponse({"status": status}, code)


async def _body(database: Database, source: InboundSource, request: Request) -> bytes:
    """Return the raw body. Raises ProblemError 415, or 413 before all of it is read."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not JSON_TYPE.fullmatch(media_type):
        await _turn_away(database, source, AttemptRefusal.CONTENT_TYPE)
        raise ProblemError(415, "unsupported_media_type", "Send application/json.")
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > LARGEST_DELIVERY:
            await _turn_away(database, source, AttemptRefusal.TOO_LARGE)
            raise ProblemError(
                413,
                "too_large",
                f"A delivery may have {LARGEST_DELIVERY} bytes.",
                {"Connection": "close"},
            )
    return bytes(read)


async def _turn_away(database: Database, source: InboundSource, reason: AttemptRefusal) -> None:
    INBOUND_REJECTED.labels(source.slug, reason).inc()
    await turn_away(database, source, reason, now=utcnow())


def _signed(request: Request, public_url: str, body: bytes) -> SignedRequest:
    """Return the request as its sender signed it: at our public address, whatever is between."""
    query = f"?{request.url.query}" if request.url.query else ""
    return SignedRequest(
        method=request.method,
        url=f"{public_url.rstrip('/')}{request.url.path}{query}",
        headers=dict(request.headers.items()),
        body=body,
    )
