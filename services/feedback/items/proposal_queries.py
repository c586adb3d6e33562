"""Named reads and writes of what the classifier proposed and people decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, insert, select, update

from services.feedback.items.classifier_rules import Proposal
from services.feedback.items.tables import item_proposals
from services.feedback.items.vocabulary import KeywordTarget
from shared.database import Session


@dataclass(frozen=True, slots=True)
class Judged:
    """How many proposals of one target people decided on, and in how many they agreed."""

    n: int
    correct: int
    abstained: int


async def add_proposal(session: Session, item_id: UUID, proposal: Proposal) -> None:
    """Write down what the classifier proposed."""
    await session.execute(
        insert(item_proposals).values(
            item_id=item_id,
            category=proposal.category,
            sentiment=proposal.sentiment,
            department=None if proposal.department is None else UUID(proposal.department),
            matched=list(proposal.matched),
        )
    )


async def proposal_of(session: Session, item_id: UUID) -> Any:
    """Return the row of a proposal."""
    return (
        await session.execute(select(item_proposals).where(item_proposals.c.item_id == item_id))
    ).one()


async def decide_proposal(
    session: Session,
    item_id: UUID,
    *,
    category: str | None,
    sentiment: str | None,
    department: UUID | None,
    now: datetime,
) -> None:
    """Write down what a person says instead; the last word counts."""
    await session.execute(
        update(item_proposals)
        .where(item_proposals.c.item_id == item_id)
        .values(
            decided_at=now,
            decided_category=category,
            decided_sentiment=sentiment,
            decided_department=department,
        )
    )


async def judged(
    session: Session, *, since: datetime | None, before: datetime | None
) -> dict[KeywordTarget, Judged]:
    """Return for each target how often people agreed with what was proposed to them."""
    table = item_proposals.c
    conditions: list[ColumnElement[bool]] = [table.decided_at.is_not(None)]
    if since is not None:
        conditions.append(table.decided_at >= since)
    if before is not None:
        conditions.append(table.decided_at < before)
    pairs = {
        KeywordTarget.CATEGORY: (table.category, table.decided_category),
        KeywordTarget.SENTIMENT: (table.sentiment, table.decided_sentiment),
        KeywordTarget.DEPARTMENT: (table.department, table.decided_department),
    }
    found = {}
    for target, (proposed, decided) in pairs.items():
        agreed = func.count(case((proposed == decided, 1)))
        row = (
            await session.execute(
                select(func.count(proposed), agreed, func.count()).where(*conditions)
            )
        ).one()
        found[target] = Judged(n=row[0], correct=row[1], abstained=row[2] - row[0])
    return found
