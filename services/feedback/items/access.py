"""Which items a caller may see and touch: a condition of the query, never an afterthought."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement

from services.feedback.items.queries import Item, lock_item
from services.feedback.items.tables import items
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.reach import is_his_work
from shared.auth.rights import Permission
from shared.http.concurrency import given_version
from shared.http.transaction import Transaction


def visible(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the condition under which an item is the actor's for a permission."""
    return is_his_work(actor, permission, items, held_by=items.c.owner_id)


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
