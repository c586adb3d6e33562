"""What people do with a case: log a contact, give it to somebody, acknowledge, close it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.duties.queries import require_known
from services.feedback.loops.case_queries import contacts_of
from services.feedback.loops.queries import LoopCase, add_contact, change_case
from services.feedback.loops.settle_case import settle_case, tell_closing
from services.feedback.loops.telling import notify_owner
from services.feedback.loops.vocabulary import ContactMeans, LoopOutcome, NotNeededReason
from shared.audit import audit
from shared.auth.actor import Actor
from shared.auth.rights import Permission, Reach, reach_of
from shared.changes import difference
from shared.crypto.vault import Vault
from shared.database import Session
from shared.errors import ConflictError, ForbiddenError
from shared.ids import new_id
from shared.privacy.tombstones import require_words_about

SUBJECT = "loop_case"


@dataclass(frozen=True, slots=True)
class ContactMade:
    """How somebody tried to reach the customer, and what he noted of it."""

    means: ContactMeans
    reached: bool
    note: str | None


def note_context(contact_id: UUID) -> str:
    """Return the place of a note, without which it cannot be decrypted."""
    return f"loop_contact:{contact_id}"


async def log_contact(
    session: Session,
    vault: Vault,
    case: LoopCase,
    made: ContactMade,
    *,
    actor: Actor,
    now: datetime,
) -> LoopCase:
    """Log a contact of a locked case; the first that reached the customer stops its clock."""
    _require_open(case)
    if made.note is not None:
        await require_words_about(session, case.customer_id)
    contact_id = new_id()
    place = note_context(contact_id)
    sealed = None if made.note is None else vault.encrypt(made.note, context=place)
    await add_contact(
        session,
        {
            "id": contact_id,
            "case_id": case.id,
            "means": made.means,
            "reached": made.reached,
            "note_sealed": sealed,
            "staff_id": actor.id,
            "at": now,
        },
    )
    return await settle_case(session, vault, await change_case(session, case), now=now)


async def assign_case(
    session: Session,
    vault: Vault,
    case: LoopCase,
    *,
    owner_id: UUID,
    actor: Actor,
    now: datetime,
) -> LoopCase:
    """Give a locked case to one of our people. Raises InvalidError for somebody unknown."""
    if case.outcome is not None and not needs_acknowledgement(case):
        raise ConflictError("loop_case_closed", "The case is closed.")
    if needs_acknowledgement(case):
        _require_standing(case, actor)
    await require_known(session, staff=[owner_id])
    assigned = await change_case(session, case, owner_id=owner_id)
    await audit(
        session,
        "loop_case.assigned",
        actor=actor,
        subject_kind=SUBJECT,
        subject_id=case.id,
        now=now,
        changes=difference({"owner_id": case.owner_id}, {"owner_id": owner_id}),
    )
    if owner_id not in {case.owner_id, actor.id}:
        await notify_owner(session, vault, assigned, "loop_assigned", now=now)
    return assigned


async def acknowledge_case(
    session: Session, case: LoopCase, *, actor: Actor, now: datetime
) -> LoopCase:
    """Say that a customer who was not won back is known of; only then the case leaves the list.

    It is for whoever has the case, or a superior. Raises ForbiddenError, ConflictError.
    """
    _require_standing(case, actor)
    if not needs_acknowledgement(case):
        raise ConflictError("nothing_to_acknowledge", "Nothing waits to be acknowledged here.")
    return await change_case(session, case, acknowledged_at=now, acknowledged_by=actor.id)


async def close_case(
    session: Session,
    case: LoopCase,
    *,
    reason: NotNeededReason | None,
    actor: Actor,
    now: datetime,
) -> LoopCase:
    """Close a locked case as not needed for a reason, or without one as unreachable.

    Raises ConflictError when nobody has tried to reach the customer.
    """
    _require_open(case)
    if reason is None and all(one.reached for one in await contacts_of(session, case.id)):
        raise ConflictError("no_attempt_logged", "Log an attempt to reach the customer first.")
    outcome = LoopOutcome.UNREACHABLE if reason is None else LoopOutcome.NOT_NEEDED
    closed = await change_case(
        session,
        case,
        said=1,
        outcome=outcome,
        close_reason=reason,
        closed_at=now,
        closed_by=actor.id,
    )
    await tell_closing(session, closed, at=now)
    await audit(
        session,
        "loop_case.closed",
        actor=actor,
        subject_kind=SUBJECT,
        subject_id=case.id,
        now=now,
        changes=difference({"outcome": case.outcome}, {"outcome": outcome}),
    )
    return closed


def _require_standing(case: LoopCase, actor: Actor) -> None:
    """Raise ForbiddenError for who neither has the case nor leads at its level or above.

    Each level begins one unit higher: who did not win the customer back does not take note of it.
    """
    reach = reach_of(actor, Permission.FEEDBACK_ASSIGN)
    if actor.id == case.owner_id or reach is Reach.ALL:
        return
    units = case.org_path[: max(0, len(case.org_path) - case.level + 1)]
    if reach is None or not actor.org_unit_ids & set(units):
        raise ForbiddenError("not_allowed", "It is for whoever has the case, or a superior.")


def needs_acknowledgement(case: LoopCase) -> bool:
    """Return whether a case stays on the list although its verdict stands."""
    return case.outcome == LoopOutcome.NOT_RECOVERED and case.acknowledged_at is None


def _require_open(case: LoopCase) -> None:
    if case.closed_at is not None:
        raise ConflictError("loop_case_closed", "The case is closed.")
