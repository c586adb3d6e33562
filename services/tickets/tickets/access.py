"""Which tickets a caller may see and touch: a condition of the query, never an afterthought."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, Uuid, cast, false, or_, true
from sqlalchemy.dialects.postgresql import ARRAY

from services.tickets.tickets.queries import Ticket, lock_ticket
from services.tickets.tickets.tables import tickets
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission, Reach, reach_of
from shared.http.concurrency import given_version
from shared.http.transaction import Transaction


def visible(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the condition under which a ticket is the actor's for a permission.

    What no team has yet is everybody's to take who works with tickets.
    """
    reach = reach_of(actor, permission)
    if reach is Reach.ALL:
        return true()
    if reach is Reach.UNITS:
        units = cast(sorted(actor.org_unit_ids), ARRAY(Uuid))
        return or_(
            tickets.c.org_path.overlap(units),
            tickets.c.assignee_id == actor.id,
            tickets.c.org_unit_id.is_(None),
        )
    if reach is Reach.OWN:
        return tickets.c.customer_id == actor.id
    return false()


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
