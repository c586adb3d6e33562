"""Erase one customer, or tell what is known of him; his scores stay, and are nobody's."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import JsonValue
from sqlalchemy import Row

from services.surveys.invitations.cancel_after_reopening import cancel_scheduled
from services.surveys.invitations.queries import Invitation, invitations_of
from services.surveys.invitations.vocabulary import CancelReason, InvitationState
from services.surveys.privacy.queries import (
    close_links,
    empty_response,
    responses_of,
    words_of,
)
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.privacy.forgetting import Erased, Forgetting, Found
from shared.privacy.traces import Traces


def forgetting(service: str, vault: Vault) -> Forgetting:
    """Return what surveys does about one customer."""

    async def erase(
        session: Session, customer_id: UUID, *, first: bool, now: datetime, cause: Cause
    ) -> Erased:
        _ = first
        return await erase_customer(session, vault, customer_id, now=now, cause=cause)

    async def find(session: Session, customer_id: UUID) -> Found:
        return await find_customer(session, vault, customer_id)

    return Forgetting(service, vault, erase, find)


async def erase_customer(
    session: Session, vault: Vault, customer_id: UUID, *, now: datetime, cause: Cause
) -> Erased:
    """Close his links, take back what is not sent, and take the words out of his answers."""
    invited = await close_links(session, customer_id)
    for invitation in invited:
        if invitation.state is InvitationState.SCHEDULED:
            await cancel_scheduled(
                session,
                invitation,
                reason=CancelReason.CUSTOMER_ERASED,
                cancelled_at=now,
                cause=cause,
            )
    answers = await responses_of(session, customer_id)
    emptied = [row.id for row in answers if await empty_response(session, vault, row)]
    links = [one.id for one in invited if one.token_sealed is not None]
    subjects = {*(one.id for one in invited), *(row.id for row in answers)}
    return Erased(len(links) + len(emptied), Traces(customer_id, frozenset(subjects)))


async def find_customer(session: Session, vault: Vault, customer_id: UUID) -> Found:
    """Return what he was asked and what he answered."""
    return {
        "invitations": [_invitation(one) for one in await invitations_of(session, customer_id)],
        "responses": [_response(vault, row) for row in await responses_of(session, customer_id)],
    }


def _invitation(one: Invitation) -> dict[str, JsonValue]:
    return {
        "ticket_id": str(one.ticket_id),
        "cycle_no": one.cycle_no,
        "state": one.state,
        "questionnaire": one.questionnaire,
        "closed_at": one.closed_at.isoformat(),
    }


def _response(vault: Vault, row: Row[Any]) -> dict[str, JsonValue]:
    return {
        "questionnaire": row.questionnaire,
        "answers": row.answers,
        "texts": orjson.loads(words_of(vault, row)),
        "submitted_at": row.submitted_at.isoformat(),
    }
