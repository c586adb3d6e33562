"""The one table of who may do what, and how far it reaches."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum

from shared.auth.actor import Actor, Role


class Permission(StrEnum):
    """What a door asks for."""

    TICKETS_OWN = "tickets:own"
    TICKETS_READ = "tickets:read"
    TICKETS_WORK = "tickets:work"
    TICKETS_ASSIGN = "tickets:assign"
    TICKETS_REOPEN = "tickets:reopen"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    DIRECTORY_READ = "directory:read"
    DIRECTORY_WRITE = "directory:write"
    SURVEYS_READ = "surveys:read"
    SURVEYS_RESTATE = "surveys:restate"
    FIGURES_READ = "figures:read"
    TARGETS_WRITE = "targets:write"
    DEAD_LETTERS = "dead_letters"
    REBUILD = "rebuild"
    AUDIT_READ = "audit:read"
    ACCOUNTS_WRITE = "accounts:write"
    FEEDBACK_READ = "feedback:read"
    FEEDBACK_WORK = "feedback:work"
    FEEDBACK_ASSIGN = "feedback:assign"
    FEEDBACK_RULES = "feedback:rules"
    NOTICES_OWN = "notices:own"
    PARTNERS_READ = "partners:read"
    PARTNERS_WRITE = "partners:write"
    HISTORY_IMPORT = "history:import"
    PRIVACY_HANDLE = "privacy:handle"
    SNAPSHOTS = "snapshots"
    BOOKS = "books"
    TICKETS_INTAKE = "tickets:intake"
    CUSTOMERS_INTAKE = "customers:intake"


class Scope(StrEnum):
    """What a partner's client may be given, and a token of his asks for."""

    TICKETS_WRITE = "tickets:write"
    CUSTOMERS_WRITE = "customers:write"


class Reach(IntEnum):
    """Which objects a permission is about; a wider reach includes the narrower ones."""

    OWN = 1
    """What the actor himself asked for."""
    UNITS = 2
    """What belongs to the units that he works in, and to those below."""
    ALL = 3
    """Everything."""


_AGENT = {
    Permission.TICKETS_READ: Reach.UNITS,
    Permission.TICKETS_WORK: Reach.UNITS,
    Permission.CUSTOMERS_READ: Reach.ALL,
    Permission.CUSTOMERS_WRITE: Reach.ALL,
    Permission.DIRECTORY_READ: Reach.ALL,
    Permission.SURVEYS_READ: Reach.UNITS,
    Permission.FEEDBACK_READ: Reach.UNITS,
    Permission.FEEDBACK_WORK: Reach.UNITS,
    Permission.NOTICES_OWN: Reach.OWN,
}

_SUPERVISOR = _AGENT | {
    Permission.TICKETS_ASSIGN: Reach.UNITS,
    Permission.TICKETS_REOPEN: Reach.UNITS,
    Permission.SURVEYS_RESTATE: Reach.UNITS,
    Permission.FIGURES_READ: Reach.UNITS,
    Permission.FEEDBACK_ASSIGN: Reach.UNITS,
}

RIGHTS: Mapping[Role, Mapping[Permission, Reach]] = {
    Role.CUSTOMER: {Permission.TICKETS_OWN: Reach.OWN},
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.MANAGER: {
        Permission.TICKETS_READ: Reach.ALL,
        Permission.CUSTOMERS_READ: Reach.ALL,
        Permission.DIRECTORY_READ: Reach.ALL,
        Permission.SURVEYS_READ: Reach.ALL,
        Permission.SURVEYS_RESTATE: Reach.ALL,
        Permission.FIGURES_READ: Reach.ALL,
        Permission.TARGETS_WRITE: Reach.ALL,
        Permission.FEEDBACK_READ: Reach.ALL,
        Permission.FEEDBACK_WORK: Reach.ALL,
        Permission.FEEDBACK_ASSIGN: Reach.ALL,
        Permission.FEEDBACK_RULES: Reach.ALL,
        Permission.NOTICES_OWN: Reach.OWN,
        Permission.HISTORY_IMPORT: Reach.ALL,
        Permission.PRIVACY_HANDLE: Reach.ALL,
    },
    Role.ADMIN: {
        Permission.DIRECTORY_READ: Reach.ALL,
        Permission.DIRECTORY_WRITE: Reach.ALL,
        Permission.ACCOUNTS_WRITE: Reach.ALL,
        Permission.NOTICES_OWN: Reach.OWN,
        Permission.PARTNERS_READ: Reach.ALL,
        Permission.PARTNERS_WRITE: Reach.ALL,
    },
    Role.OPERATOR: {
        Permission.DEAD_LETTERS: Reach.ALL,
        Permission.REBUILD: Reach.ALL,
        Permission.SNAPSHOTS: Reach.ALL,
        Permission.BOOKS: Reach.ALL,
    },
    Role.AUDITOR: {Permission.AUDIT_READ: Reach.ALL},
    Role.PARTNER: {},
}

SCOPES: Mapping[Scope, Mapping[Permission, Reach]] = {
    Scope.TICKETS_WRITE: {Permission.TICKETS_INTAKE: Reach.OWN},
    Scope.CUSTOMERS_WRITE: {Permission.CUSTOMERS_INTAKE: Reach.OWN},
}
"""What a partner may, by the scopes of his token: the role alone opens nothing."""


def reach_of(actor: Actor, permission: Permission) -> Reach | None:
    """Return the widest reach that an actor's roles and scopes give a permission, None without."""
    given = [RIGHTS[role] for role in actor.roles]
    if Role.PARTNER in actor.roles:
        given += [SCOPES[scope] for scope in Scope if scope in actor.scopes]
    return max((rights[permission] for rights in given if permission in rights), default=None)
