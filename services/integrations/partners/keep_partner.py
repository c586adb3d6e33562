"""Add and change partners' clients, and replace their secrets."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any
from uuid import UUID

from services.integrations.partners.queries import (
    Partner,
    end_secrets,
    get_partner,
    insert_partner,
    insert_secret,
    lock_partner,
    update_partner,
)
from services.integrations.partners.rules import (
    SECRET_BYTES,
    ClientSecret,
    client_secret,
    hash_of,
)
from shared.audit import audit
from shared.auth.actor import Actor
from shared.auth.rights import Scope
from shared.changes import difference
from shared.database import Session
from shared.ids import new_id


async def add_partner(
    session: Session, *, name: str, scopes: frozenset[Scope], actor: Actor, now: datetime
) -> tuple[Partner, str]:
    """Add a partner's client; return it and its secret, which nobody can read later."""
    text, secret = _new_secret(now)
    partner = Partner(
        id=new_id(),
        name=name,
        scopes=tuple(sorted(scopes)),
        active=True,
        created_at=now,
        updated_at=now,
        version=1,
        secrets=(secret,),
    )
    await insert_partner(session, partner)
    await _note(session, "partner.added", None, partner, actor=actor, now=now)
    return partner, text


async def change_partner(
    session: Session,
    partner_id: UUID,
    *,
    changes: Mapping[str, Any],
    version: int | None,
    actor: Actor,
    now: datetime,
) -> Partner:
    """Change name, scopes, or whether the client gets tokens.

    A token that he has holds until it ends, an hour at most. Raises NotFoundError, StaleError.
    """
    present = await lock_partner(session, partner_id, version=version, now=now)
    scopes = changes.get("scopes")
    sorted_scopes = {} if scopes is None else {"scopes": tuple(sorted(set(scopes)))}
    changed = replace(
        present, **{**changes, **sorted_scopes}, updated_at=now, version=present.version + 1
    )
    await update_partner(session, changed)
    await _note(session, "partner.changed", present, changed, actor=actor, now=now)
    return changed


async def replace_secret(
    session: Session, partner_id: UUID, *, grace: timedelta, actor: Actor, now: datetime
) -> tuple[Partner, str]:
    """Give the client a new secret; the last one holds for the grace, older ones end now.

    Raises NotFoundError.
    """
    present = await lock_partner(session, partner_id, version=None, now=now)
    text, secret = _new_secret(now)
    last = present.secrets[0] if present.secrets and grace else None
    await end_secrets(session, partner_id, last=last, at=now + grace)
    await insert_secret(session, partner_id, secret)
    await update_partner(session, replace(present, updated_at=now, version=present.version + 1))
    changed = await get_partner(session, partner_id, now=now)
    await _note(session, "partner.secret_replaced", present, changed, actor=actor, now=now)
    return changed, text


def _new_secret(now: datetime) -> tuple[str, ClientSecret]:
    text = client_secret(token_bytes(SECRET_BYTES))
    return text, ClientSecret(hash_of(text), now, None, None)


async def _note(
    session: Session,
    action: str,
    before: Partner | None,
    after: Partner,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    await audit(
        session,
        action,
        actor=actor,
        subject_kind="partner",
        subject_id=after.id,
        now=now,
        changes=difference(_known(before), _known(after)),
    )


def _known(partner: Partner | None) -> dict[str, Any]:
    if partner is None:
        return {}
    return {"name": partner.name, "scopes": partner.scopes, "active": partner.active}
