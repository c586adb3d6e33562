"""Erase one customer, or tell what is known of him; cases and items stay, without words."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import Row

from services.feedback.items.reply_queries import empty_replies, replies_of
from services.feedback.items.version_queries import original_of
from services.feedback.items.word_queries import erase_item_words
from services.feedback.items.work_on_item import note_context as item_note_context
from services.feedback.loops.work_on_case import note_context
from services.feedback.privacy.queries import (
    cases_of,
    contacts_of,
    erase_contact_notes,
    forget_call_wishes,
    items_of,
    notes_about,
)
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import NotFoundError
from shared.privacy.forgetting import Erased, Forgetting, Found
from shared.privacy.traces import Traces


def forgetting(service: str, vault: Vault) -> Forgetting:
    """Return what feedback does about one customer."""

    async def erase(
        session: Session, customer_id: UUID, *, first: bool, now: datetime, cause: Cause
    ) -> Erased:
        _ = first, now, cause
        return await erase_customer(session, vault, customer_id)

    async def find(session: Session, customer_id: UUID) -> Found:
        return await find_customer(session, vault, customer_id)

    return Forgetting(service, vault, erase, find)


async def erase_customer(session: Session, vault: Vault, customer_id: UUID) -> Erased:
    """Take away every word that he or we have written about it; clocks and verdicts stay."""
    item_ids = [row.id for row in await items_of(session, customer_id, lock=True)]
    case_ids = [row.id for row in await cases_of(session, customer_id, lock=True)]
    rows = await erase_item_words(session, item_ids)
    for item_id in item_ids:
        rows += await empty_replies(session, vault, item_id)
    rows += await erase_contact_notes(session, case_ids)
    rows += await forget_call_wishes(session, case_ids)
    return Erased(rows, Traces(customer_id, frozenset({*item_ids, *case_ids})))


async def find_customer(session: Session, vault: Vault, customer_id: UUID) -> Found:
    """Return his items with his own words, his loop cases, and what was noted of talks."""
    items = await items_of(session, customer_id)
    cases = await cases_of(session, customer_id)
    item_ids = [row.id for row in items]
    contacts = await contacts_of(session, [row.id for row in cases])
    return {
        "items": [await _item(session, vault, row) for row in items],
        "replies": [
            {"text": reply.text, "channel": reply.channel, "at": reply.replied_at.isoformat()}
            for item_id in item_ids
            for reply in await replies_of(session, vault, item_id)
        ],
        "notes": [
            {
                "move": row.move,
                "note": vault.decrypt(row.note_sealed, context=item_note_context(row.item_id)),
                "at": row.made_at.isoformat(),
            }
            for row in await notes_about(session, item_ids)
        ],
        "loop_cases": [_case(row) for row in cases],
        "contacts": [_contact(vault, row) for row in contacts],
    }


async def _item(session: Session, vault: Vault, row: Row[Any]) -> dict[str, JsonValue]:
    return {
        "kind": row.kind,
        "channel": row.channel,
        "state": row.state,
        "text": await _words(session, vault, row.id),
        "received_at": row.received_at.isoformat(),
    }


def _case(row: Row[Any]) -> dict[str, JsonValue]:
    return {
        "ticket_id": str(row.ticket_id),
        "satisfaction": row.satisfaction,
        "outcome": row.outcome,
        "callback_time": row.callback_time,
        "opened_at": row.opened_at.isoformat(),
    }


def _contact(vault: Vault, row: Row[Any]) -> dict[str, JsonValue]:
    sealed = row.note_sealed
    return {
        "means": row.means,
        "reached": row.reached,
        "note": None if sealed is None else vault.decrypt(sealed, context=note_context(row.id)),
        "at": row.at.isoformat(),
    }


async def _words(session: Session, vault: Vault, item_id: UUID) -> JsonValue:
    try:
        _number, words = await original_of(session, vault, item_id)
    except NotFoundError:
        return None
    return words
