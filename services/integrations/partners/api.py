"""Partners' clients over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.integrations.partners.keep_partner import (
    add_partner,
    change_partner,
    replace_secret,
)
from services.integrations.partners.queries import Partner, get_partner, partner_page
from services.integrations.partners.schemas import (
    PartnerChange,
    PartnerIn,
    PartnerOut,
    PartnerSecretRotation,
    PartnerWithSecret,
    partner_out,
    with_secret,
)
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.concurrency import required_version, tag
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/partners",
    tags=["partners"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 412, 422, 428),
)

Reader = Annotated[Actor, Depends(allowed(Permission.PARTNERS_READ))]
Writer = Annotated[Actor, Depends(allowed(Permission.PARTNERS_WRITE))]


@router.post("", status_code=201, operation_id="add_partner")
async def add(
    body: PartnerIn, response: Response, session: Transaction, writer: Writer
) -> PartnerWithSecret:
    """Add a partner's client; its secret is in this answer only."""
    partner, secret = await add_partner(
        session, name=body.name, scopes=frozenset(body.scopes), actor=writer, now=utcnow()
    )
    tag(response, partner.version)
    return with_secret(partner, secret)


@router.get("", operation_id="list_partners")
async def list_partners(
    request: Request,
    response: Response,
    session: Transaction,
    _reader: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[PartnerOut]:
    """List partners' clients, newest first."""
    before = keyset(request).read(cursor)
    rows = await partner_page(session, before=before, limit=limit + 1, now=utcnow())
    return Page[PartnerOut](**page(request, response, rows, limit, at=_at, out=partner_out))


@router.get("/{partner_id}", operation_id="get_partner")
async def get(
    partner_id: UUID, response: Response, session: Transaction, _reader: Reader
) -> PartnerOut:
    """Show a partner's client and when its secrets were used."""
    partner = await get_partner(session, partner_id, now=utcnow())
    tag(response, partner.version)
    return partner_out(partner)


@router.patch("/{partner_id}", operation_id="change_partner")
@router.post("/{partner_id}/update", operation_id="update_partner")
async def change(
    partner_id: UUID,
    body: PartnerChange,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> PartnerOut:
    """Change a client; a token that it has already holds for the rest of its hour."""
    partner = await change_partner(
        session,
        partner_id,
        changes=body.changes,
        version=required_version(request, body.version),
        actor=writer,
        now=utcnow(),
    )
    tag(response, partner.version)
    return partner_out(partner)


@router.post("/{partner_id}/rotate-secret", operation_id="rotate_partner_secret")
async def rotate(
    partner_id: UUID,
    body: PartnerSecretRotation,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> PartnerWithSecret:
    """Give a client a new secret; the present one goes on for the grace, older ones end."""
    partner, secret = await replace_secret(
        session, partner_id, grace=body.grace, actor=writer, now=utcnow()
    )
    tag(response, partner.version)
    return with_secret(partner, secret)


def _at(partner: Partner) -> tuple[datetime, UUID]:
    return partner.created_at, partner.id
