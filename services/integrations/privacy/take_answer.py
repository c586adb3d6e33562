"""Note what a service answered; a request is completed when all have."""

from datetime import datetime
from uuid import UUID

from services.integrations.privacy.queries import (
    PrivacyAnswer,
    PrivacyRequest,
    count_answers,
    get_request,
    keep_answer,
    write_completed,
)
from services.integrations.privacy.rules import PrivacyTimes
from services.integrations.privacy.vocabulary import PrivacyState
from shared.contracts.privacy import EVERY_SERVICE, ErasureDone
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.privacy.forgetting import Forgetting, Found, forget_customer
from shared.privacy.tombstones import erased_among
from shared.restores.epochs import unless_forgotten


async def take_erased(
    session: Session, forgetting: Forgetting, said: ErasureDone, *, now: datetime, cause: Cause
) -> None:
    """Note that a service has erased the customer.

    When a restore forgot that he was to be erased, and brought him back, he is erased here, too.
    """
    request_id = said.request_id
    request = await _request(session, request_id)
    if request is None:
        await forget_customer(
            session, forgetting, said.customer_id, request_id=request_id, now=now, cause=cause
        )
        return
    answer = PrivacyAnswer(request.id, said.service, said.rows, now)
    await keep_answer(session, forgetting.vault, answer, None)
    if request.state is PrivacyState.OPEN and await _all_answered(session, request_id):
        await write_completed(session, request, now=now, expires_at=None)


async def take_found(
    session: Session,
    vault: Vault,
    request_id: UUID,
    service: str,
    found: Found,
    *,
    times: PrivacyTimes,
    now: datetime,
) -> None:
    """Keep what a service has found, unless the customer was erased meanwhile."""
    request = await _request(session, request_id)
    if request is None:
        return
    rows = sum(len(records) for records in found.values())
    erased = await erased_among(session, [request.customer_id])
    answer = PrivacyAnswer(request.id, service, rows, now)
    await keep_answer(session, vault, answer, None if erased else found)
    if request.state is PrivacyState.OPEN and await _all_answered(session, request_id):
        expires_at = now + times.export_kept
        await write_completed(session, request, now=now, expires_at=expires_at)


async def _request(session: Session, request_id: UUID) -> PrivacyRequest | None:
    """Return the request, locked; None for one that a restore forgot.

    Raises NotFoundError for one that was never here: the message is put aside.
    """
    look = get_request(session, request_id, lock=True)
    return await unless_forgotten(session, look, request_id, what="privacy_request")


async def _all_answered(session: Session, request_id: UUID) -> bool:
    return await count_answers(session, request_id) == len(EVERY_SERVICE)
