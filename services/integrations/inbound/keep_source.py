"""Add and change sources, and replace the secrets by which they sign."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_bytes, token_urlsafe
from typing import Any
from uuid import UUID

from services.integrations.inbound.mapping_rules import MappingDocument
from services.integrations.inbound.secret_rules import SHORTEST_SECRET, SourceSecret, replaced
from services.integrations.inbound.source_queries import (
    InboundSource,
    insert_source,
    lock_source,
    update_source,
)
from services.integrations.inbound.vocabulary import Verifier
from services.integrations.partners.standard_webhooks import SECRET_BYTES, key_of, new_secret
from shared.audit import audit
from shared.auth.actor import Actor
from shared.changes import difference
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import ConflictError, InvalidError
from shared.ids import new_id


async def add_source(
    session: Session,
    vault: Vault,
    *,
    slug: str,
    name: str,
    scheme: dict[str, Any],
    mapping: MappingDocument,
    secret: str | None,
    actor: Actor,
    now: datetime,
) -> tuple[InboundSource, str | None]:
    """Add a source; return it, and its secret when it was made here.

    Raises ConflictError for an address that is taken, InvalidError for a secret that is too weak.
    """
    text = _secret(scheme["verifier"], secret)
    source = InboundSource(
        id=new_id(),
        slug=slug,
        name=name,
        scheme=scheme,
        mapping=mapping,
        active=True,
        secrets=(SourceSecret(text, None),),
        created_at=now,
        updated_at=now,
        version=1,
    )
    if not await insert_source(session, vault, source):
        raise ConflictError("inbound_slug_taken", "Another source has this address.")
    await _note(session, "inbound_source.added", None, source, actor=actor, now=now)
    return source, text if secret is None else None


async def change_source(
    session: Session,
    vault: Vault,
    source_id: UUID,
    *,
    changes: Mapping[str, Any],
    version: int | None,
    actor: Actor,
    now: datetime,
) -> InboundSource:
    """Change name, scheme, mapping, or whether anything is let in.

    Raises NotFoundError, StaleError, or InvalidError when the secret does not fit the new scheme.
    """
    present = await lock_source(session, vault, source_id, version=version, now=now)
    changed = replace(present, **changes, updated_at=now, version=present.version + 1)
    for secret in changed.secrets:
        _secret(changed.scheme["verifier"], secret.text)
    await update_source(session, vault, changed)
    await _note(session, "inbound_source.changed", present, changed, actor=actor, now=now)
    return changed


async def replace_source_secret(
    session: Session,
    vault: Vault,
    source_id: UUID,
    *,
    secret: str | None,
    grace: timedelta,
    actor: Actor,
    now: datetime,
) -> tuple[InboundSource, str | None]:
    """Replace the secret; the last one holds for the grace, older ones end now.

    Raises NotFoundError, InvalidError for a secret that is too weak.
    """
    present = await lock_source(session, vault, source_id, version=None, now=now)
    text = _secret(present.scheme["verifier"], secret)
    changed = replace(
        present,
        secrets=replaced(present.secrets, text, grace=grace, now=now),
        updated_at=now,
        version=present.version + 1,
    )
    await update_source(session, vault, changed)
    await _note(session, "inbound_source.secret_replaced", present, changed, actor=actor, now=now)
    return changed, text if secret is None else None


def _secret(verifier: str, given: str | None) -> str:
    """Return the secret that was given, or a new one. Raises InvalidError."""
    standard = verifier == Verifier.STANDARD_WEBHOOKS
    if given is None:
        return new_secret(token_bytes(SECRET_BYTES)) if standard else token_urlsafe(SECRET_BYTES)
    try:
        weight = len(key_of(given) if standard else given)
    except ValueError:
        weight = 0
    if weight < SHORTEST_SECRET:
        raise InvalidError("weak_secret", f"A secret has {SHORTEST_SECRET} bytes or more.")
    return given


async def _note(
    session: Session,
    action: str,
    before: InboundSource | None,
    after: InboundSource,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    await audit(
        session,
        action,
        actor=actor,
        subject_kind="inbound_source",
        subject_id=after.id,
        now=now,
        changes=difference(_known(before), _known(after)),
        source=after.slug,
    )


def _known(source: InboundSource | None) -> dict[str, Any]:
    if source is None:
        return {}
    return {name: getattr(source, name) for name in ("name", "scheme", "mapping", "active")}
