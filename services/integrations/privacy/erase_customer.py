"""What this service knows of a customer: where to reach him, and what was written to him."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from services.integrations.contacts.queries import contacts_of, forget_contact
from services.integrations.inbound.forget_deliveries import forget_deliveries
from services.integrations.notifications.queries import Notice, empty_notices, notices_to
from services.integrations.notifications.telling import tell_failed
from services.integrations.notifications.vocabulary import Reason
from services.integrations.privacy.queries import take_found_of_away
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.privacy.forgetting import Erased, Forgetting, Found
from shared.privacy.traces import Traces


def forgetting(service: str, vault: Vault) -> Forgetting:
    """Return what integrations does about one customer."""

    async def erase(
        session: Session, customer_id: UUID, *, first: bool, now: datetime, cause: Cause
    ) -> Erased:
        _ = first, cause
        return await erase_customer(session, vault, customer_id, now=now)

    async def find(session: Session, customer_id: UUID) -> Found:
        return await find_customer(session, vault, customer_id)

    return Forgetting(service, vault, erase, find)


async def erase_customer(
    session: Session, vault: Vault, customer_id: UUID, *, now: datetime
) -> Erased:
    """Forget where he is reached, what he was told and what partners sent about him.

    A notice that waits reaches nobody.
    """
    known = (await contacts_of(session, vault, [customer_id])).get(customer_id)
    addresses = {one for one in (known.email, known.phone) if one} if known else set()
    traces = Traces(customer_id, addresses=frozenset(addresses))
    rows = await forget_contact(session, customer_id)
    emptied, ended = await empty_notices(session, vault, customer_id, now=now)
    for notice in ended:
        await tell_failed(session, notice, reason=Reason.CUSTOMER_ERASED, now=now)
    sent = await forget_deliveries(session, vault, traces)
    rows += emptied + len(sent) + await take_found_of_away(session, customer_id)
    return Erased(rows, replace(traces, subjects=sent))


async def find_customer(session: Session, vault: Vault, customer_id: UUID) -> Found:
    """Return where he is reached and what he was told."""
    known = await contacts_of(session, vault, [customer_id])
    notices = await notices_to(session, vault, customer_id)
    return {
        "contacts": [asdict(contact) for contact in known.values()],
        "notices": [_shown(notice) for notice in notices],
    }


def _shown(notice: Notice) -> dict[str, JsonValue]:
    parameters: Any = dict(notice.parameters or {})
    return {
        "template": notice.template,
        "parameters": parameters,
        "state": notice.state,
        "channel": notice.channel,
        "requested_at": notice.requested_at.isoformat(),
    }
