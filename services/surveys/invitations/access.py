"""Which invitations a caller may see: those of his units' tickets."""

from sqlalchemy import ColumnElement, Uuid, cast, false, true
from sqlalchemy.dialects.postgresql import ARRAY

from services.surveys.invitations.tables import invitations
from shared.auth.actor import Actor
from shared.auth.rights import Permission, Reach, reach_of


def visible(actor: Actor, permission: Permission = Permission.SURVEYS_READ) -> ColumnElement[bool]:
    """Return the condition under which an invitation is the actor's for a permission."""
    reach = reach_of(actor, permission)
    if reach is Reach.ALL:
        return true()
    if reach is Reach.UNITS:
        units = cast(sorted(actor.org_unit_ids), ARRAY(Uuid))
        of_his_units: ColumnElement[bool] = invitations.c.org_path.overlap(units)
        return of_his_units
    return false()
