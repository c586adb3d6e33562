"""Sources over HTTP, for who sets them up."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.integrations.inbound.delivery_schemas import MappingTrial, MappingTrialOut
from services.integrations.inbound.keep_source import (
    add_source,
    change_source,
    replace_source_secret,
)
from services.integrations.inbound.rerun_delivery import rerun_source
from services.integrations.inbound.schemas import (
    InboundRefusalOut,
    InboundRefusals,
    InboundRerun,
    InboundSecretRotation,
    InboundSourceChange,
    InboundSourceIn,
    InboundSourceOut,
    InboundSourceWithSecret,
    source_out,
    source_with_secret,
)
from services.integrations.inbound.source_queries import (
    InboundSource,
    get_source,
    refusals_of,
    source_page,
)
from services.integrations.inbound.try_mapping import try_mapping
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.http.concurrency import required_version, tag
from shared.http.cursors import LARGEST_PAGE, Cursor, Limit, Page, keyset, page
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/inbound-sources",
    tags=["partners"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 412, 422, 428),
)

Reader = Annotated[Actor, Depends(allowed(Permission.PARTNERS_READ))]
Writer = Annotated[Actor, Depends(allowed(Permission.PARTNERS_WRITE))]


@router.post("", status_code=201, operation_id="add_inbound_source")
async def add(
    body: InboundSourceIn,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> InboundSourceWithSecret:
    """Let a partner's system send; a secret that is made for it is in this answer only."""
    source, secret = await add_source(
        session,
        _vault(request),
        slug=body.slug,
        name=body.name,
        scheme=body.scheme.document,
        mapping=body.mapping.document,
        secret=body.secret,
        actor=writer,
        now=utcnow(),
    )
    tag(response, source.version)
    return source_with_secret(source, secret)


@router.get("", operation_id="list_inbound_sources")
async def list_sources(
    request: Request,
    response: Response,
    session: Transaction,
    _reader: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[InboundSourceOut]:
    """List sources, newest first."""
    before = keyset(request).read(cursor)
    rows = await source_page(session, _vault(request), before=before, limit=limit + 1, now=utcnow())
    return Page[InboundSourceOut](**page(request, response, rows, limit, at=_at, out=source_out))


@router.get("/{source_id}", operation_id="get_inbound_source")
async def get(
    source_id: UUID, request: Request, response: Response, session: Transaction, _reader: Reader
) -> InboundSourceOut:
    """Show a source with its mapping."""
    source = await get_source(session, _vault(request), source_id, now=utcnow())
    tag(response, source.version)
    return source_out(source)


@router.patch("/{source_id}", operation_id="change_inbound_source")
@router.post("/{source_id}/update", operation_id="update_inbound_source")
async def change(
    source_id: UUID,
    body: InboundSourceChange,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> InboundSourceOut:
    """Change a source; what it sent before is mapped anew only when it is rerun."""
    source = await change_source(
        session,
        _vault(request),
        source_id,
        changes=body.changes,
        version=required_version(request, body.version),
        actor=writer,
        now=utcnow(),
    )
    tag(response, source.version)
    return source_out(source)


@router.post("/{source_id}/rotate-secret", operation_id="rotate_inbound_secret")
async def rotate(
    source_id: UUID,
    body: InboundSecretRotation,
    request: Request,
    response: Response,
    session: Transaction,
    writer: Writer,
) -> InboundSourceWithSecret:
    """Replace a source's secret; the present one goes on for the grace, older ones end."""
    source, secret = await replace_source_secret(
        session,
        _vault(request),
        source_id,
        secret=body.secret,
        grace=body.grace,
        actor=writer,
        now=utcnow(),
    )
    tag(response, source.version)
    return source_with_secret(source, secret)


@router.post("/{source_id}/try", operation_id="try_inbound_mapping")
async def try_it(
    source_id: UUID,
    body: MappingTrial,
    request: Request,
    session: Transaction,
    _writer: Writer,
) -> MappingTrialOut:
    """Say what a body would become, with the saved mapping or the one that is sent along."""
    source = await get_source(session, _vault(request), source_id, now=utcnow())
    mapping = source.mapping if body.mapping is None else body.mapping.document
    trial = try_mapping(mapping, body.body, now=utcnow())
    if trial.misfit is not None:
        misfit = trial.misfit
        return MappingTrialOut(
            outcome="rejected", reason=misfit.reason, pointer=misfit.pointer, field=misfit.field
        )
    if trial.record is None:
        return MappingTrialOut(outcome="ignored")
    fields = trial.record.model_dump(mode="json", exclude_none=True)
    return MappingTrialOut(outcome="record", record=trial.kind, fields=fields)


@router.post("/{source_id}/rerun", operation_id="rerun_inbound_source")
async def rerun(
    source_id: UUID, request: Request, session: Transaction, writer: Writer
) -> InboundRerun:
    """Map again all that this source sent and that was rejected or refused."""
    count = await rerun_source(session, _vault(request), source_id, actor=writer, now=utcnow())
    return InboundRerun(rerun=count)


@router.get("/{source_id}/refusals", operation_id="list_inbound_refusals")
async def refusals(
    source_id: UUID, request: Request, session: Transaction, _reader: Reader
) -> InboundRefusals:
    """Show who was turned away at this source's address: how often, why, and when last."""
    await get_source(session, _vault(request), source_id, now=utcnow())
    found = await refusals_of(session, source_id, limit=LARGEST_PAGE)
    return InboundRefusals(
        data=[InboundRefusalOut.model_validate(one, from_attributes=True) for one in found]
    )


def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


def _at(source: InboundSource) -> tuple[datetime, UUID]:
    return source.created_at, source.id
