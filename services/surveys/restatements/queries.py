"""Named reads, locks and writes of answers as they stand, and as they stood."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, insert, select, tuple_, update

from services.surveys.invitations.queries import Invitation, lock_invitation
from services.surveys.invitations.tables import invitations
from services.surveys.responses.tables import responses
from services.surveys.restatements.tables import former_answers
from shared.auth.actor import Actor
from shared.database import Session
from shared.errors import NotFoundError, StaleError


@dataclass(frozen=True, slots=True)
class Stated:
    """An answer as it stands; its words are not looked at."""

    id: UUID
    invitation_id: UUID
    ticket_id: UUID
    cycle_no: int
    customer_id: UUID | None
    questionnaire: str
    version_no: int
    answers: Mapping[str, int | bool]
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    low: bool
    submitted_at: datetime
    withdrawn_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Former:
    """An answer as it stood in a version, and why it was replaced."""

    version: int
    answers: Mapping[str, int | bool]
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    low: bool
    reason: str
    replaced_by: UUID | None
    replaced_at: datetime


async def get_response(session: Session, response_id: UUID, visible: ColumnElement[bool]) -> Stated:
    """Return an answer. Raises NotFoundError when it is not there or not `visible`."""
    statement = _stated().where(responses.c.id == response_id, visible)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFoundError("response_not_found", "There is no such answer.")
    return Stated(**row._asdict())


async def lock_response(
    session: Session,
    response_id: UUID,
    visible: ColumnElement[bool],
    *,
    version: int | None = None,
) -> tuple[Invitation, Stated]:
    """Return an answer and its invitation, both held by the invitation's lock.

    Raises NotFoundError, or StaleError when `version` is given and not the present one.
    """
    seen = await get_response(session, response_id, visible)
    invitation = await lock_invitation(session, seen.invitation_id)
    stated = await get_response(session, response_id, visible)
    if version is not None and version != stated.version:
        raise StaleError(
            "stale_version", "The answer was changed meanwhile.", version=stated.version
        )
    return invitation, stated


async def response_page(
    session: Session,
    visible: ColumnElement[bool],
    *,
    ticket_id: UUID | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Stated]:
    """Return up to `limit` answers, the latest first."""
    conditions = [visible]
    if ticket_id is not None:
        conditions.append(invitations.c.ticket_id == ticket_id)
    if before is not None:
        conditions.append(tuple_(responses.c.submitted_at, responses.c.id) < before)
    newest = (responses.c.submitted_at.desc(), responses.c.id.desc())
    rows = await session.execute(_stated().where(*conditions).order_by(*newest).limit(limit))
    return [Stated(**row._asdict()) for row in rows]


async def replace_answer(
    session: Session,
    stated: Stated,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    **changes: Any,
) -> Stated:
    """Keep how a held answer stood, and write how it stands now."""
    kept = ("version", "answers", "satisfaction", "nps", "solved", "low")
    await session.execute(
        insert(former_answers).values(
            {name: getattr(stated, name) for name in kept}
            | {
                "response_id": stated.id,
                "reason": reason,
                "replaced_by": actor.id,
                "replaced_at": now,
            }
        )
    )
    await session.execute(
        update(responses)
        .where(responses.c.id == stated.id)
        .values(changes | {"version": responses.c.version + 1})
    )
    row = (await session.execute(_stated().where(responses.c.id == stated.id))).one()
    return Stated(**row._asdict())


async def former_of(session: Session, response_id: UUID) -> list[Former]:
    """Return how an answer stood before, the first version first."""
    rows = await session.execute(
        select(former_answers)
        .where(former_answers.c.response_id == response_id)
        .order_by(former_answers.c.version)
    )
    return [
        Former(**{n: v for n, v in row._asdict().items() if n != "response_id"}) for row in rows
    ]


def _stated() -> Select[Any]:
    about = (invitations.c.ticket_id, invitations.c.cycle_no, invitations.c.customer_id)
    own = (responses.c[name] for name in Stated.__dataclass_fields__ if name in responses.c)
    return select(*about, *own).join(invitations, invitations.c.id == responses.c.invitation_id)
