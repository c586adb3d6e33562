"""Say who is responsible for what, and end it; former duties stay readable in the table."""

from datetime import datetime
from uuid import UUID

from services.feedback.duties.queries import KeptDuty, close_duty, replace_duty, require_known
from shared.audit import audit
from shared.auth.actor import Actor
from shared.changes import difference
from shared.database import Session
from shared.ids import new_id


async def assign_duty(
    session: Session,
    *,
    category_id: UUID | None,
    org_unit_id: UUID | None,
    responsible_id: UUID,
    deputy_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> KeptDuty:
    """Make somebody responsible; who was it for the same before is it no more.

    Raises InvalidError for a category, a unit or a person that is not known or not active.
    """
    people = {responsible_id} | ({deputy_id} if deputy_id is not None else set())
    await require_known(session, category_id=category_id, org_unit_id=org_unit_id, staff=people)
    duty = KeptDuty(
        id=new_id(),
        category_id=category_id,
        org_unit_id=org_unit_id,
        responsible_id=responsible_id,
        deputy_id=deputy_id,
        valid_from=now,
        valid_to=None,
    )
    former = await replace_duty(session, duty)
    await _note(session, "duty.assigned", duty, before=former, after=duty, actor=actor, now=now)
    return duty


async def end_duty(session: Session, duty_id: UUID, *, actor: Actor, now: datetime) -> KeptDuty:
    """End a duty; ending it again changes nothing. Raises NotFoundError."""
    duty = await close_duty(session, duty_id, now=now)
    await _note(session, "duty.ended", duty, before=duty, after=None, actor=actor, now=now)
    return duty


async def _note(
    session: Session,
    action: str,
    duty: KeptDuty,
    *,
    before: KeptDuty | None,
    after: KeptDuty | None,
    actor: Actor,
    now: datetime,
) -> None:
    await audit(
        session,
        action,
        actor=actor,
        subject_kind="duty",
        subject_id=duty.id,
        now=now,
        changes=difference(_people(before), _people(after)),
    )


def _people(duty: KeptDuty | None) -> dict[str, UUID | None]:
    return {} if duty is None else {"responsible": duty.responsible_id, "deputy": duty.deputy_id}
