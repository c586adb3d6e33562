"""Change what proposals and importance go by; what was proposed or weighed before stays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.feedback.duties.queries import categories_by_code, require_known
from services.feedback.items.classifier_rules import Keyword, folded
from services.feedback.items.rule_queries import (
    KeptKeyword,
    add_keyword,
    end_keyword,
    rules_in_force,
    switch_rule,
)
from services.feedback.items.vocabulary import ImportanceReason, KeywordTarget, Sentiment
from shared.audit import audit
from shared.auth.actor import Actor
from shared.changes import difference
from shared.database import Session
from shared.errors import InvalidError


async def add_words(
    session: Session,
    target: KeywordTarget,
    value: str,
    words: Sequence[str],
    *,
    actor: Actor,
    now: datetime,
) -> list[KeptKeyword]:
    """Add words for a value; those that are there stay.

    Raises InvalidError for a value that there is not, ConflictError for a word of another value.
    """
    await _require_value(session, target, value)
    plain = sorted({folded(word).strip() for word in words} - {""})
    kept = [await add_keyword(session, Keyword(target, value, word), now=now) for word in plain]
    await audit(
        session,
        "keywords.added",
        actor=actor,
        subject_kind="keyword",
        subject_id=None,
        now=now,
        target=target,
        value=value,
        words=plain,
    )
    return kept


async def end_word(session: Session, keyword_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Use a word no more; ending it again changes nothing. Raises NotFoundError."""
    await end_keyword(session, keyword_id, now=now)
    await audit(
        session,
        "keyword.ended",
        actor=actor,
        subject_kind="keyword",
        subject_id=keyword_id,
        now=now,
    )


async def switch_importance(
    session: Session, rule: ImportanceReason, *, active: bool, actor: Actor, now: datetime
) -> None:
    """Switch a rule of importance on or off."""
    was = rule in await rules_in_force(session)
    await switch_rule(session, rule, active=active, now=now)
    await audit(
        session,
        "importance_rule.switched",
        actor=actor,
        subject_kind="importance_rule",
        subject_id=None,
        now=now,
        changes=difference({"active": was}, {"active": active}),
        rule=rule,
    )


async def _require_value(session: Session, target: KeywordTarget, value: str) -> None:
    if target is KeywordTarget.CATEGORY:
        known = value in await categories_by_code(session)
    elif target is KeywordTarget.SENTIMENT:
        known = value in set(Sentiment)
    elif target is KeywordTarget.SAFETY:
        known = value == KeywordTarget.SAFETY
    else:
        known = await _is_unit(session, value)
    if not known:
        raise InvalidError("unknown_value", "There is nothing of this name that words may say.")


async def _is_unit(session: Session, value: str) -> bool:
    try:
        unit = UUID(value)
    except ValueError:
        return False
    await require_known(session, org_unit_id=unit)
    return str(unit) == value
