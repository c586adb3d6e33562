"""Which tickets a caller may see and touch: a condition of the query, never an afterthought."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement

from services.tickets.tickets.queries import Ticket, lock_ticket
from services.tickets.tickets.tables import tickets
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.reach import is_his_work
from shared.auth.rights import Permission, Reach, reach_of
from shared.http.concurrency import given_version
from shared.http.transaction import Transaction


@lru_cache(maxsize=1024)
def visible(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the condition under which a ticket is the actor's for a permission.

    For the same rights it is the same object, by which queries find the statement they built.
    """
    if reach_of(actor, permission) is Reach.OWN:
        return tickets.c.customer_id == actor.id
    return is_his_work(actor, permission, tickets, held_by=tickets.c.assignee_id)


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
            session, ticket_id, visible(actor, permission), version=given_version(request)
        )

    return lock
