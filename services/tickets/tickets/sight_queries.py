"""Which tickets a caller may see and touch: a condition of the query, never an afterthought."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, false, true
from sqlalchemy.dialects.postgresql import ARRAY

from services.tickets.tickets.tables import tickets
from shared.auth.actor import Actor
from shared.auth.reach import is_for_one_of
from shared.auth.rights import Permission, Reach, reach_of


@dataclass(frozen=True, slots=True)
class Sight:
    """How far somebody sees for a permission, and who he is; without a reach he sees nothing."""

    reach: Reach | None
    actor_id: UUID | None = None
    unit_ids: tuple[UUID, ...] = ()

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters of `is_seen`."""
        return {"his_id": self.actor_id, "his_units": self.unit_ids}


EVERYTHING = Sight(Reach.ALL)
"""What a message or a timer sees."""


def sight_of(actor: Actor, permission: Permission) -> Sight:
    """Return which tickets are the actor's for a permission."""
    return Sight(reach_of(actor, permission), actor.id, tuple(sorted(actor.org_unit_ids)))


@lru_cache
def is_seen(reach: Reach | None) -> ColumnElement[bool]:
    """Return the condition under which a ticket is seen; `Sight.values` are its parameters."""
    his_id = bindparam("his_id", type_=Uuid)
    if reach is Reach.ALL:
        return true()
    if reach is Reach.UNITS:
        units = bindparam("his_units", type_=ARRAY(Uuid))
        return is_for_one_of(units, his_id, tickets, held_by=tickets.c.assignee_id)
    return tickets.c.customer_id == his_id if reach is Reach.OWN else false()
