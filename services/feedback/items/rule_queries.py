"""Named reads and writes of what proposals and importance go by: keywords, rules, grades."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.feedback.items.classifier_rules import Keyword
from services.feedback.items.tables import (
    customer_grades,
    importance_rules,
    keywords,
)
from services.feedback.items.vocabulary import ImportanceReason, KeywordTarget
from shared.contracts.tickets import CustomerChanged
from shared.database import Session
from shared.errors import ConflictError, NotFoundError
from shared.ids import new_id

UNTOLD: Final = ""


@dataclass(frozen=True, slots=True)
class KeptKeyword:
    """A keyword with its id."""

    id: UUID
    target: KeywordTarget
    value: str
    word: str
    valid_from: datetime


async def live_keywords(session: Session) -> list[KeptKeyword]:
    """Return the words in use, by target, value and word."""
    columns = (keywords.c.id, keywords.c.target, keywords.c.value, keywords.c.word)
    rows = await session.execute(
        select(*columns, keywords.c.valid_from)
        .where(keywords.c.valid_to.is_(None))
        .order_by(keywords.c.target, keywords.c.value, keywords.c.word)
    )
    return [KeptKeyword(**row._asdict() | {"target": KeywordTarget(row.target)}) for row in rows]


def as_rules(kept: Iterable[KeptKeyword]) -> frozenset[Keyword]:
    """Return keywords as the rules know them."""
    return frozenset(Keyword(one.target, one.value, one.word) for one in kept)


async def add_keyword(session: Session, keyword: Keyword, *, now: datetime) -> KeptKeyword:
    """Add a word; one that is there with the same value stays.

    Raises ConflictError when the word speaks for another value of the same target.
    """
    values = asdict(keyword) | {"id": new_id(), "valid_from": now}
    await session.execute(
        insert(keywords)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=["target", "word"], index_where=keywords.c.valid_to.is_(None)
        )
    )
    kept = next(
        one
        for one in await live_keywords(session)
        if (one.target, one.word) == (keyword.target, keyword.word)
    )
    if kept.value != keyword.value:
        raise ConflictError("keyword_taken", f"The word speaks for {kept.value} already.")
    return kept


async def end_keyword(session: Session, keyword_id: UUID, *, now: datetime) -> None:
    """Use a word no more; ending it again changes nothing. Raises NotFoundError."""
    ended = (
        update(keywords)
        .where(keywords.c.id == keyword_id)
        .values(valid_to=func.coalesce(keywords.c.valid_to, now))
    )
    if await session.scalar(ended.returning(keywords.c.id)) is None:
        raise NotFoundError("keyword_not_found", "There is no such keyword.")


async def rules_in_force(session: Session) -> frozenset[ImportanceReason]:
    """Return the rules of importance that count; what nobody switched off does."""
    off = await session.scalars(select(importance_rules.c.reason).where(~importance_rules.c.active))
    return frozenset(ImportanceReason) - {ImportanceReason(reason) for reason in off}


async def switch_rule(
    session: Session, reason: ImportanceReason, *, active: bool, now: datetime
) -> None:
    """Switch a rule on or off."""
    switched = insert(importance_rules).values(reason=reason, active=active, changed_at=now)
    await session.execute(
        switched.on_conflict_do_update(
            index_elements=["reason"],
            set_={"active": switched.excluded.active, "changed_at": switched.excluded.changed_at},
        )
    )


async def grade_of(session: Session, customer_id: UUID | None) -> str | None:
    """Return a customer's grade, None while it was not told.

    Whoever writes it down at the same time waits for this transaction, and sees what it made.
    """
    if customer_id is None:
        return None
    room = insert(customer_grades).values(
        customer_id=customer_id, grade=UNTOLD, epoch=0, sequence=0
    )
    await session.execute(room.on_conflict_do_nothing())
    grade = await session.scalar(
        select(customer_grades.c.grade)
        .where(customer_grades.c.customer_id == customer_id)
        .with_for_update(read=True)
    )
    return None if grade == UNTOLD else grade


async def copy_grade(
    session: Session, customer: CustomerChanged, *, epoch: int, sequence: int
) -> bool:
    """Write a customer's grade into the copy; return whether it is news."""
    statement = insert(customer_grades).values(
        customer_id=customer.customer_id, grade=customer.grade, epoch=epoch, sequence=sequence
    )
    new = statement.excluded
    written = statement.on_conflict_do_update(
        index_elements=["customer_id"],
        set_={"grade": new.grade, "epoch": new.epoch, "sequence": new.sequence},
        where=tuple_(customer_grades.c.epoch, customer_grades.c.sequence)
        < tuple_(new.epoch, new.sequence),
    )
    return await session.scalar(written.returning(customer_grades.c.grade)) is not None
