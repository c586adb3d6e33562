"""Receive what a source sends: believed or turned away, written down once, mapped later."""

from dataclasses import dataclass
from datetime import datetime

from services.integrations.inbound.delivery_queries import NewDelivery, insert_delivery
from services.integrations.inbound.scheme_rules import scheme_of
from services.integrations.inbound.source_queries import InboundSource, count_refusal
from services.integrations.inbound.verify_signature import (
    NAMED,
    SignedRequest,
    delivery_key,
    verify_signature,
)
from services.integrations.partners.vocabulary import SignatureRefusal
from shared.correlation import current_cause
from shared.crypto.vault import Vault
from shared.database import Database
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Receipt:
    """Whether a delivery is new, or why it was turned away."""

    new: bool
    refusal: SignatureRefusal | None = None


async def receive_delivery(
    database: Database, vault: Vault, source: InboundSource, request: SignedRequest, now: datetime
) -> Receipt:
    """Write down a delivery whose signature is right, unless it was received before."""
    scheme = scheme_of(source.scheme)
    secrets = [secret.text for secret in source.secrets]
    refusal = verify_signature(request, scheme, secrets, now)
    if refusal is not None:
        await turn_away(database, source, refusal, now=now)
        return Receipt(new=False, refusal=refusal)
    new = NewDelivery(
        id=new_id(),
        source_id=source.id,
        delivery_key=_kept(vault, delivery_key(request, scheme)),
        text=_text(request.body),
        received_at=now,
        cause=current_cause(),
    )
    async with database.transaction() as session:
        return Receipt(new=await insert_delivery(session, vault, new))


async def turn_away(
    database: Database, source: InboundSource, reason: str, *, now: datetime
) -> None:
    """Note an attempt that is not let in, for who can mend its cause; its sender is told less."""
    async with database.transaction() as session:
        await count_refusal(session, source.id, reason, now=now)


def _kept(vault: Vault, key: str) -> str:
    """Return a key as it is kept: what stood in a body as a blind index only."""
    named = key.removeprefix(NAMED)
    return key if named == key else NAMED + vault.blind_index(named).hex()


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
