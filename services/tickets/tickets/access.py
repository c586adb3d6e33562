"""A ticket of the path, locked for who may touch it."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from services.tickets.tickets.queries import Ticket, lock_ticket
from services.tickets.tickets.sight_queries import sight_of
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.http.concurrency import given_version
from shared.http.transaction import Transaction


def locked(permission: Permission) -> Callable[..., Awaitable[Ticket]]:
    """Return a dependency that gives the ticket of the path, locked until the commit.

    404 for one that is not the caller's, 412 when If-Match names an older version.
    """

    async def lock(
        ticket_id: UUID,
        request: Request,
        session: Transaction,
        actor: Annotated[Actor, Depends(allowed(permission))],
    ) -> Ticket:
        return await lock_ticket(
            session, ticket_id, sight_of(actor, permission), version=given_version(request)
        )

    return lock
