"""Say the present organisation again, for a copy that begins or has lost something."""

from services.tickets.directory.keep_directory import member_changed, unit_changed
from services.tickets.directory.queries import all_staff, all_units
from shared.crypto.vault import Vault
from shared.database import Session
from shared.snapshots.say_again import Again, Wanted, fact


async def say_units_again(session: Session, vault: Vault, wanted: Wanted) -> list[Again]:
    """Return the next units of the organisation."""
    units = sorted(await all_units(session), key=lambda unit: str(unit.id))
    return [
        fact(vault, unit_changed(unit), unit.id, unit.sequence, unit.valid_from)
        for unit in units
        if wanted.position is None or str(unit.id) > wanted.position
    ][: wanted.limit]


async def say_staff_again(session: Session, vault: Vault, wanted: Wanted) -> list[Again]:
    """Return the next of our people, those who left included."""
    people = sorted(await all_staff(session), key=lambda member: str(member.id))
    return [
        fact(vault, member_changed(member), member.id, member.sequence, wanted.now)
        for member in people
        if wanted.position is None or str(member.id) > wanted.position
    ][: wanted.limit]
