"""Which cases a caller may see and touch: a condition of the query, never an afterthought."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, Uuid, cast, false, or_, true
from sqlalchemy.dialects.postgresql import ARRAY

from services.feedback.loops.queries import LoopCase, lock_case
from services.feedback.loops.tables import loop_cases
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission, Reach, reach_of
from shared.http.concurrency import given_version
from shared.http.transaction import Transaction


def visible(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Return the condition under which a case is the actor's: his units', or he has it himself.

    A case of no unit is everybody's who works with feedback, as its tickets are.
    """
    reach = reach_of(actor, permission)
    if reach is Reach.ALL:
        return true()
    if reach is Reach.UNITS:
        units = cast(sorted(actor.org_unit_ids), ARRAY(Uuid))
        return or_(
            loop_cases.c.org_path.overlap(units),
            loop_cases.c.owner_id == actor.id,
            loop_cases.c.org_unit_id.is_(None),
        )
    return false()


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
