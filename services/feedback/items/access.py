"""Which items a caller may see and touch: a condition of the query, never an afterthought."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, Uuid, cast, false, or_, true
from sqlalchemy.dialects.postgresql import ARRAY

from services.feedback.items.queries import Item, lock_item
from services.feedback.items.tables import items
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission, Reach, reach_of
from shared.http.concurrency import given_version
from shared.http.transaction import Transaction


def visible(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the condition under which an item is the actor's for a permission.

    What belongs to no unit yet is everybody's to take who works with feedback.
    """
    reach = reach_of(actor, permission)
    if reach is Reach.ALL:
        return true()
    if reach is Reach.UNITS:
        units = cast(sorted(actor.org_unit_ids), ARRAY(Uuid))
        return or_(
            items.c.org_path.overlap(units),
            items.c.owner_id == actor.id,
            items.c.org_unit_id.is_(None),
        )
    return false()


def locked(permission: Permission) -> Callable[..., Awaitable[Item]]:
    """Return a dependency that gives the item of the path, locked until the commit.

    404 for one that is not the caller's, 412 when If-Match names an older version.
    """

    async def lock(
        item_id: UUID,
        request: Request,
        session: Transaction,
        actor: Annotated[Actor, Depends(allowed(permission))],
    ) -> Item:
        return await lock_item(
            session, item_id, visible(actor, permission), version=given_version(request)
        )

    return lock
