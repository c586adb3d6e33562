"""Whose work a row is: a condition of the query, never an afterthought."""

from typing import Any

from sqlalchemy import ColumnElement, Table, Uuid, cast, false, or_, true
from sqlalchemy.dialects.postgresql import ARRAY

from shared.auth.actor import Actor
from shared.auth.rights import Permission, Reach, reach_of


def of_his_units(actor: Actor, rows: Table) -> ColumnElement[bool]:
    """Return the condition under which a row with an `org_path` is of one of the actor's units."""
    units = cast(sorted(actor.org_unit_ids), ARRAY(Uuid))
    found: ColumnElement[bool] = rows.c.org_path.overlap(units)
    return found


def is_his_work(
    actor: Actor, permission: Permission, rows: Table, *, held_by: ColumnElement[object]
) -> ColumnElement[bool]:
    """Return the condition under which a row is the actor's to see or touch for a permission.

    It is of one of his units, or he has it himself (`held_by`), or no unit has it yet: then it is
    everybody's to take who has the permission.
    """
    reach = reach_of(actor, permission)
    if reach is Reach.ALL:
        return true()
    if reach is Reach.UNITS:
        units = cast(sorted(actor.org_unit_ids), ARRAY(Uuid))
        return is_for_one_of(units, actor.id, rows, held_by=held_by)
    return false()


def is_for_one_of(
    units: ColumnElement[Any], his_id: object, rows: Table, *, held_by: ColumnElement[object]
) -> ColumnElement[bool]:
    """Return the condition of `is_his_work` for somebody of these units, values or parameters."""
    return or_(rows.c.org_path.overlap(units), held_by == his_id, rows.c.org_unit_id.is_(None))
