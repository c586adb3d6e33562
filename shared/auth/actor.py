"""Who acts."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What an issuer may assert somebody to be."""

    CUSTOMER = "customer"
    STAFF = "staff"
    PARTNER = "partner"
    SYSTEM = "system"


class Role(StrEnum):
    """What people do here; `shared.auth.rights` says what each may."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMIN = "admin"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    PARTNER = "partner"


STAFF_ROLES = frozenset(Role) - {Role.CUSTOMER, Role.PARTNER}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts; `org_unit_ids` are the units that he works in, without those below.

    `scopes` are what a partner's token was issued for; nobody else has any.
    """

    kind: ActorKind
    id: UUID | None
    roles: frozenset[Role] = frozenset()
    org_unit_ids: frozenset[UUID] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)


SYSTEM = Actor(ActorKind.SYSTEM, None)
"""A timer or a message acts, not a person."""
