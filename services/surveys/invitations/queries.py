"""Named reads, locks and writes of invitations."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select, tuple_, update

from services.surveys.invitations.tables import invitations, reopened_cycles
from services.surveys.invitations.vocabulary import InvitationState
from shared.arrays import arrays, insert_arrays
from shared.database import Session
from shared.errors import NotFoundError
from shared.locks import CYCLE, hold


@dataclass(frozen=True, slots=True)
class Invitation:
    """The row of a closed cycle, with the ticket's dimensions as of its closing."""

    id: UUID
    ticket_id: UUID
    cycle_no: int
    state: InvitationState
    reason: str | None
    questionnaire: str | None
    version_no: int | None
    customer_id: UUID | None
    kind: str
    channel: str
    category_id: UUID | None
    org_unit_id: UUID | None
    org_path: tuple[UUID, ...]
    priority: str
    tier: str
    closed_at: datetime
    origin: str
    token_sealed: str | None
    created_at: datetime
    send_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    failed_because: str | None
    opened_at: datetime | None
    remind_at: datetime | None
    reminded_at: datetime | None
    expires_at: datetime | None
    reopened_at: datetime | None
    ended_at: datetime | None
    sequence: int


_NAMES: Final = tuple(invitations.c.keys())
_ADD: Final = (
    insert_arrays(invitations, _NAMES)
    .on_conflict_do_nothing(index_elements=["ticket_id", "cycle_no"])
    .returning(invitations.c.id)
)


async def hold_cycles(session: Session, cycles: Iterable[tuple[UUID, int]]) -> None:
    """Let one transaction at a time decide about a cycle, also while it has no row to lock.

    Without it a closing and the reopening after it, taken by two workers, do not see each other.
    """
    await hold(session, CYCLE, (f"{ticket_id}/{cycle_no}" for ticket_id, cycle_no in cycles))


async def add_cycles(session: Session, rows: Sequence[dict[str, Any]]) -> list[Invitation]:
    """Write the rows of closed cycles; return those that are new, in their order."""
    if not rows:
        return []
    new = set(await session.scalars(_ADD, arrays(invitations, _NAMES, rows)))
    blank: dict[str, Any] = dict.fromkeys(field.name for field in fields(Invitation))
    added = [
        Invitation(**blank | {name: row[name] for name in blank.keys() & row.keys()})
        for row in rows
        if row["id"] in new
    ]
    return sorted(added, key=lambda one: (one.ticket_id, one.cycle_no))


async def reopenings_of(
    session: Session, cycles: Collection[tuple[UUID, int]]
) -> dict[tuple[UUID, int], datetime]:
    """Return when these cycles were followed by the next one, of those of which that is known."""
    known = reopened_cycles.c
    rows = await session.execute(
        select(known.ticket_id, known.cycle_no, known.reopened_at).where(
            known.ticket_id.in_({ticket_id for ticket_id, _ in cycles})
        )
    )
    return {(row[0], row[1]): row[2] for row in rows if (row[0], row[1]) in cycles}


async def lock_cycle(session: Session, ticket_id: UUID, cycle_no: int) -> Invitation | None:
    """Return the row of a closed cycle, locked, None when its closing is not heard of yet."""
    statement = select(invitations).where(
        invitations.c.ticket_id == ticket_id, invitations.c.cycle_no == cycle_no
    )
    row = (await session.execute(statement.with_for_update())).one_or_none()
    return None if row is None else _invitation(row)


async def lock_invitation(session: Session, invitation_id: UUID) -> Invitation:
    """Return an invitation that is known to be there, locked."""
    statement = select(invitations).where(invitations.c.id == invitation_id).with_for_update()
    return _invitation((await session.execute(statement)).one())


async def lock_other_cycles(session: Session, ticket_id: UUID, cycle_no: int) -> list[Invitation]:
    """Return the rows of a ticket's other closed cycles, locked, in their order."""
    rows = await session.execute(
        select(invitations)
        .where(invitations.c.ticket_id == ticket_id, invitations.c.cycle_no != cycle_no)
        .order_by(invitations.c.cycle_no)
        .with_for_update()
    )
    return [_invitation(row) for row in rows]


async def lock_due(
    session: Session, due: ColumnElement[bool], *, since: ColumnElement[datetime], limit: int
) -> list[Invitation]:
    """Return up to `limit` invitations that are due, passing over those another worker holds.

    Those that are due longest come first: in the order of ids the planner reads the whole table.
    """
    rows = await session.execute(
        select(invitations)
        .where(due)
        .order_by(since)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_invitation(row) for row in rows]


async def invitations_of(
    session: Session, customer_id: UUID, *, lock: bool = False
) -> list[Invitation]:
    """Return a customer's rows in one order, locked if they shall be changed."""
    wanted = (
        select(invitations)
        .where(invitations.c.customer_id == customer_id)
        .order_by(invitations.c.id)
    )
    rows = await session.execute(wanted.with_for_update() if lock else wanted)
    return [_invitation(row) for row in rows]


async def by_token(session: Session, token_hash: bytes, *, lock: bool = False) -> Invitation | None:
    """Return the invitation whose link this is, locked if it shall be answered."""
    statement = select(invitations).where(invitations.c.token_hash == token_hash)
    row = (await session.execute(statement.with_for_update() if lock else statement)).one_or_none()
    return None if row is None else _invitation(row)


async def get_invitation(
    session: Session, invitation_id: UUID, visible: ColumnElement[bool]
) -> Invitation:
    """Return an invitation. Raises NotFoundError when it is not there or not `visible`."""
    statement = select(invitations).where(invitations.c.id == invitation_id, visible)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFoundError("invitation_not_found", "There is no such invitation.")
    return _invitation(row)


async def invitation_page(
    session: Session,
    visible: ColumnElement[bool],
    *,
    state: InvitationState | None,
    ticket_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Invitation]:
    """Return up to `limit` invitations, those of the latest closings first."""
    conditions = [visible]
    if state is not None:
        conditions.append(invitations.c.state == state)
    if ticket_id is not None:
        conditions.append(invitations.c.ticket_id == ticket_id)
    if before is not None:
        conditions.append(tuple_(invitations.c.closed_at, invitations.c.id) < before)
    rows = await session.execute(
        select(invitations)
        .where(*conditions)
        .order_by(invitations.c.closed_at.desc(), invitations.c.id.desc())
        .limit(limit)
    )
    return [_invitation(row) for row in rows]


async def change_invitation(
    session: Session, invitation: Invitation, *, said: int = 0, **changes: Any
) -> Invitation:
    """Write changes of a locked invitation; its sequence rises by how many events are said."""
    changed = (
        update(invitations)
        .where(invitations.c.id == invitation.id)
        .values(changes | {"sequence": invitations.c.sequence + said})
        .returning(invitations)
    )
    return _invitation((await session.execute(changed)).one())


def _invitation(row: Row[Any]) -> Invitation:
    values = {field.name: getattr(row, field.name) for field in fields(Invitation)}
    return Invitation(
        **values | {"state": InvitationState(row.state), "org_path": tuple(row.org_path)}
    )
