"""Who may see which figures."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission, Reach, reach_of

Reader = Annotated[Actor, Depends(allowed(Permission.FIGURES_READ))]


def units_seen(reader: Actor) -> frozenset[UUID] | None:
    """Return the units whose figures somebody may see, with all below; None for all."""
    if reach_of(reader, Permission.FIGURES_READ) is Reach.ALL:
        return None
    return reader.org_unit_ids
