"""What proposals and importance go by, over HTTP: words, rules, and how often they are right."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from services.feedback.items.access import visible
from services.feedback.items.change_rulebook import add_words, end_word, switch_importance
from services.feedback.items.proposal_queries import judged, proposal_of
from services.feedback.items.queries import get_item
from services.feedback.items.rule_queries import live_keywords, rules_in_force
from services.feedback.items.rule_schemas import (
    ClassifierAccuracy,
    FeedbackProposal,
    ImportanceRuleOut,
    ImportanceRules,
    ImportanceSwitch,
    Keywords,
    KeywordsIn,
    accuracy_out,
    keywords_out,
    proposal_out,
    rules_out,
)
from services.feedback.items.vocabulary import ImportanceReason
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.clock import utcnow
from shared.http.idempotency import IdempotentRoute
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/feedback",
    tags=["feedback"],
    route_class=IdempotentRoute,
    responses=documented(400, 401, 403, 404, 409, 422),
)

Reader = Annotated[Actor, Depends(allowed(Permission.FEEDBACK_READ))]
Ruler = Annotated[Actor, Depends(allowed(Permission.FEEDBACK_RULES))]


@router.get("/{item_id}/proposal", operation_id="get_feedback_proposal")
async def proposal(item_id: UUID, session: Transaction, reader: Reader) -> FeedbackProposal:
    """Show what was proposed on arrival, by which words, and what a person said last."""
    await get_item(session, item_id, visible(reader, Permission.FEEDBACK_READ))
    return proposal_out(await proposal_of(session, item_id))


@router.get("/classifier/accuracy", operation_id="get_classifier_accuracy")
async def accuracy(
    session: Transaction,
    _reader: Reader,
    since: AwareDatetime | None = None,
    before: AwareDatetime | None = None,
) -> ClassifierAccuracy:
    """Show how often people agreed with what was proposed, by the time of their decision."""
    return accuracy_out(await judged(session, since=since, before=before))


@router.get("/classifier/keywords", operation_id="list_keywords")
async def list_words(session: Transaction, _reader: Reader) -> Keywords:
    """List the words that proposals go by."""
    return keywords_out(await live_keywords(session))


@router.post("/classifier/keywords", status_code=201, operation_id="add_keywords")
async def add(body: KeywordsIn, session: Transaction, ruler: Ruler) -> Keywords:
    """Add words that speak for a value; they count from the next feedback on."""
    added = await add_words(session, body.target, body.value, body.words, actor=ruler, now=utcnow())
    return keywords_out(added)


@router.post("/classifier/keywords/{keyword_id}/end", status_code=204, operation_id="end_keyword")
async def end(keyword_id: UUID, session: Transaction, ruler: Ruler) -> None:
    """Use a word no more."""
    await end_word(session, keyword_id, actor=ruler, now=utcnow())


@router.get("/importance/rules", operation_id="list_importance_rules")
async def list_rules(session: Transaction, _reader: Reader) -> ImportanceRules:
    """List what makes feedback important."""
    return rules_out(await rules_in_force(session))


@router.post("/importance/rules/{rule}/switch", operation_id="switch_importance_rule")
async def switch(
    rule: ImportanceReason, body: ImportanceSwitch, session: Transaction, ruler: Ruler
) -> ImportanceRuleOut:
    """Switch a rule on or off; it counts from the next feedback on."""
    await switch_importance(session, rule, active=body.active, actor=ruler, now=utcnow())
    return ImportanceRuleOut(rule=rule, active=body.active)
