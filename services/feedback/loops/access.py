"""Which cases a caller may see and touch: a condition of the query, never an afterthought."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement

from services.feedback.loops.queries import LoopCase, lock_case
from services.feedback.loops.tables import loop_cases
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.reach import is_his_work
from shared.auth.rights import Permission
from shared.http.concurrency import given_version
from shared.http.transaction import Transaction


def visible(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the condition under which a case is the actor's for a permission."""
    return is_his_work(actor, permission, loop_cases, held_by=loop_cases.c.owner_id)


def locked(permission: Permission) -> Callable[..., Awaitable[LoopCase]]:
    """Return a dependency that gives the case of the path, locked until the commit.

    404 for one that is not the caller's, 412 when If-Match names an older version.
    """

    async def lock(
        case_id: UUID,
        request: Request,
        session: Transaction,
        actor: Annotated[Actor, Depends(allowed(permission))],
    ) -> LoopCase:
        return await lock_case(
            session, case_id, visible(actor, permission), version=given_version(request)
        )

    return lock
