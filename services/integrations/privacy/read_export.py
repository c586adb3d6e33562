"""Read what was found of a customer: completed, in time, and written into the audit trail."""

from datetime import datetime
from uuid import UUID

from services.integrations.privacy.queries import PrivacyRequest, found_for, get_request
from services.integrations.privacy.vocabulary import PrivacyRequestType, PrivacyState
from shared.audit import audit
from shared.auth.actor import Actor
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import ConflictError, NotFoundError
from shared.privacy.forgetting import Found
from shared.privacy.tombstones import require_not_erased


async def read_export(
    session: Session, vault: Vault, request_id: UUID, *, actor: Actor, now: datetime
) -> tuple[PrivacyRequest, dict[str, Found]]:
    """Return a request with what was found, by service.

    Raises NotFoundError for an erasure and for what is kept no longer, ConflictError while some
    service has not answered or when the customer was erased since.
    """
    request = await get_request(session, request_id)
    expired = request.expires_at is not None and request.expires_at <= now
    if request.type is not PrivacyRequestType.ACCESS or expired:
        raise NotFoundError("privacy_export_not_found", "There is nothing to read, or no more.")
    await require_not_erased(session, request.customer_id)
    if request.state is not PrivacyState.COMPLETED:
        raise ConflictError("privacy_export_not_ready", "Some services have not answered yet.")
    await audit(
        session,
        "privacy.export_read",
        actor=actor,
        subject_kind="customer",
        subject_id=request.customer_id,
        now=now,
        request=str(request_id),
    )
    return request, await found_for(session, vault, request_id)
