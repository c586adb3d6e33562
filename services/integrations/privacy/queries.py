"""Named reads and writes of privacy requests; outside this file nobody sees a ciphertext."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.integrations.privacy.tables import privacy_answers, privacy_requests
from services.integrations.privacy.vocabulary import (
    PrivacyReason,
    PrivacyRequestType,
    PrivacyState,
)
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import NotFoundError
from shared.privacy.forgetting import Found


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """A request about one customer's data."""

    id: UUID
    type: PrivacyRequestType
    customer_id: UUID
    reason: PrivacyReason
    state: PrivacyState
    requested_by: UUID | None
    requested_at: datetime
    due_at: datetime
    completed_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PrivacyAnswer:
    """What one service has answered."""

    request_id: UUID
    service: str
    rows: int
    answered_at: datetime


async def add_request(session: Session, request: PrivacyRequest) -> bool:
    """Write a request; return False when the customer's one erasure is asked for already."""
    values = {field.name: getattr(request, field.name) for field in fields(PrivacyRequest)}
    statement = insert(privacy_requests).values(values).on_conflict_do_nothing()
    return await session.scalar(statement.returning(privacy_requests.c.id)) is not None


async def erasure_of(session: Session, customer_id: UUID) -> PrivacyRequest:
    """Return the one erasure of a customer. Raises NotFoundError."""
    return _request(
        (
            await session.execute(
                select(privacy_requests).where(
                    privacy_requests.c.customer_id == customer_id,
                    privacy_requests.c.type == PrivacyRequestType.ERASE,
                )
            )
        ).one_or_none()
    )


async def get_request(session: Session, request_id: UUID, *, lock: bool = False) -> PrivacyRequest:
    """Return a request, locked if its end shall be written. Raises NotFoundError."""
    wanted = select(privacy_requests).where(privacy_requests.c.id == request_id)
    return _request(
        (await session.execute(wanted.with_for_update() if lock else wanted)).one_or_none()
    )


async def request_page(
    session: Session,
    *,
    customer_id: UUID | None,
    state: PrivacyState | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[PrivacyRequest]:
    """Return up to `limit` requests, newest first."""
    table = privacy_requests
    wanted = select(table)
    if customer_id is not None:
        wanted = wanted.where(table.c.customer_id == customer_id)
    if state is not None:
        wanted = wanted.where(table.c.state == state)
    if before is not None:
        wanted = wanted.where(tuple_(table.c.requested_at, table.c.id) < before)
    newest = wanted.order_by(table.c.requested_at.desc(), table.c.id.desc()).limit(limit)
    return [_request(row) for row in await session.execute(newest)]


async def answers_to(session: Session, *request_ids: UUID) -> list[PrivacyAnswer]:
    """Return what was answered so far, by service."""
    table = privacy_answers
    rows = await session.execute(
        select(table.c.request_id, table.c.service, table.c.rows, table.c.answered_at)
        .where(table.c.request_id.in_(request_ids))
        .order_by(table.c.request_id, table.c.service)
    )
    return [PrivacyAnswer(**row._asdict()) for row in rows]


async def keep_answer(
    session: Session, vault: Vault, answer: PrivacyAnswer, found: Found | None
) -> None:
    """Write what a service answered; the first answer stays."""
    context = _context(answer.request_id, answer.service)
    sealed = None if found is None else vault.encrypt(orjson.dumps(found).decode(), context=context)
    values = {field.name: getattr(answer, field.name) for field in fields(PrivacyAnswer)}
    await session.execute(
        insert(privacy_answers).values(values | {"found_sealed": sealed}).on_conflict_do_nothing()
    )


async def write_completed(
    session: Session, request: PrivacyRequest, *, now: datetime, expires_at: datetime | None
) -> None:
    """Write that every service has answered a locked request."""
    await session.execute(
        update(privacy_requests)
        .where(privacy_requests.c.id == request.id)
        .values(state=PrivacyState.COMPLETED, completed_at=now, expires_at=expires_at)
    )


async def found_for(session: Session, vault: Vault, request_id: UUID) -> dict[str, Found]:
    """Return what was found, by service; nothing when it was taken away."""
    table = privacy_answers
    rows = await session.execute(
        select(table.c.service, table.c.found_sealed)
        .where(table.c.request_id == request_id, table.c.found_sealed.is_not(None))
        .order_by(table.c.service)
    )
    return {
        row.service: orjson.loads(
            vault.decrypt(row.found_sealed, context=_context(request_id, row.service))
        )
        for row in rows
    }


async def take_found_away(session: Session, *, expired_at: datetime) -> int:
    """Take away what was found for requests whose time is over; return how many answers."""
    over = select(privacy_requests.c.id).where(privacy_requests.c.expires_at <= expired_at)
    return await _take_away(session, privacy_answers.c.request_id.in_(over))


async def take_found_of_away(session: Session, customer_id: UUID) -> int:
    """Take away what was ever found of a customer; return how many answers."""
    his = select(privacy_requests.c.id).where(privacy_requests.c.customer_id == customer_id)
    return await _take_away(session, privacy_answers.c.request_id.in_(his))


async def count_answers(session: Session, request_id: UUID) -> int:
    """Return how many services have answered."""
    counted = select(func.count()).where(privacy_answers.c.request_id == request_id)
    return await session.scalar(counted) or 0


async def _take_away(session: Session, which: Any) -> int:
    taken = await session.execute(
        update(privacy_answers)
        .where(which, privacy_answers.c.found_sealed.is_not(None))
        .values(found_sealed=None)
    )
    return taken.rowcount


def _request(row: Row[Any] | None) -> PrivacyRequest:
    if row is None:
        raise NotFoundError("privacy_request_not_found", "There is no such request.")
    return PrivacyRequest(
        **row._asdict()
        | {
            "type": PrivacyRequestType(row.type),
            "reason": PrivacyReason(row.reason),
            "state": PrivacyState(row.state),
        }
    )


def _context(request_id: UUID, service: str) -> str:
    return f"privacy:{request_id}:{service}"
