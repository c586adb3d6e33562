"""Invitations over HTTP, for staff."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.surveys.invitations.access import visible
from services.surveys.invitations.queries import Invitation, get_invitation, invitation_page
from services.surveys.invitations.schemas import (
    InvitationExplainOut,
    InvitationOut,
    explain_out,
    invitation_out,
)
from services.surveys.invitations.vocabulary import InvitationState
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.http.cursors import Cursor, Limit, Page, keyset, page
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/invitations",
    tags=["surveys"],
    responses=documented(400, 401, 403, 404, 422),
)

Reader = Annotated[Actor, Depends(allowed(Permission.SURVEYS_READ))]


@router.get("", operation_id="list_invitations")
async def list_invitations(
    request: Request,
    response: Response,
    session: Transaction,
    reader: Reader,
    state: InvitationState | None = None,
    ticket_id: UUID | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[InvitationOut]:
    """List what became of the surveys of closed cycles, the latest closings first."""
    rows = await invitation_page(
        session,
        visible(reader),
        state=state,
        ticket_id=ticket_id,
        before=keyset(request).read(cursor),
        limit=limit + 1,
    )
    return Page[InvitationOut](**page(request, response, rows, limit, at=_at, out=invitation_out))


@router.get("/{invitation_id}", operation_id="get_invitation")
async def get(invitation_id: UUID, session: Transaction, reader: Reader) -> InvitationOut:
    """Show what became of one, and why."""
    return invitation_out(await get_invitation(session, invitation_id, visible(reader)))


@router.get("/{invitation_id}/explain", operation_id="explain_invitation")
async def explain(
    invitation_id: UUID, session: Transaction, reader: Reader
) -> InvitationExplainOut:
    """Say why somebody was asked or not, what happened so far, and what comes next."""
    return explain_out(await get_invitation(session, invitation_id, visible(reader)))


def _at(invitation: Invitation) -> tuple[datetime, UUID]:
    return invitation.closed_at, invitation.id
