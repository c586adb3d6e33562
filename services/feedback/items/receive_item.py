"""Take a voice of the customer: propose what it is, weigh it, and find who owns it, at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.duties.queries import categories_by_code, owner_for
from services.feedback.items.classifier_rules import Proposal, propose
from services.feedback.items.importance_rules import ImportanceFacts, weigh
from services.feedback.items.proposal_queries import add_proposal
from services.feedback.items.queries import Item, Step, add_item, add_step
from services.feedback.items.rule_queries import (
    as_rules,
    grade_of,
    live_keywords,
    rules_in_force,
)
from services.feedback.items.rules import Terms
from services.feedback.items.telling import tell
from services.feedback.items.version_queries import add_original, add_version
from services.feedback.items.vocabulary import (
    FeedbackKind,
    FeedbackMode,
    FeedbackSource,
    ItemMove,
    ItemState,
)
from shared.auth.actor import Actor
from shared.contracts.feedback import FeedbackReceived
from shared.correlation import Cause
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id
from shared.masking import mask_personal
from shared.messages.contract import Origin


@dataclass(frozen=True, slots=True)
class Voice:
    """What was said, by whom, about what; `source_ref` is its number at its source."""

    source: FeedbackSource
    source_ref: str
    mode: FeedbackMode
    kind: FeedbackKind
    channel: str
    text: str | None
    received_at: datetime
    language: str = "zh"
    customer_id: UUID | None = None
    ticket_id: UUID | None = None
    cycle_no: int = 0
    response_id: UUID | None = None
    category_id: UUID | None = None
    org_unit_id: UUID | None = None
    org_path: tuple[UUID, ...] = ()
    satisfaction: int | None = None
    nps: int | None = None
    low: bool = False
    public: bool = False


@dataclass(frozen=True, slots=True)
class Receiving:
    """What every way in has in common."""

    vault: Vault
    terms: Terms


async def receive_item(
    session: Session,
    receiving: Receiving,
    voice: Voice,
    *,
    actor: Actor,
    now: datetime,
    origin: str = Origin.LIVE,
    cause: Cause | None = None,
) -> Item | None:
    """Write an item down and tell of it; return None when its source's record was taken before."""
    rules = as_rules(await live_keywords(session))
    proposal = propose(voice.text, rules, satisfaction=voice.satisfaction, nps=voice.nps)
    values = _stored(voice) | await _judged(session, receiving.terms, voice, proposal)
    item = await add_item(session, values | {"origin": origin, "updated_at": now})
    if item is None:
        return None
    if voice.text is not None:
        await add_original(session, receiving.vault, item, voice.text)
    await add_version(session, item, actor=actor, now=now, reason=None)
    await add_proposal(session, item.id, proposal)
    await add_step(session, item, Step(ItemMove.RECEIVE, actor, now))
    await tell(session, item, FeedbackReceived, now=now, cause=cause, received_at=voice.received_at)
    return item


async def _judged(
    session: Session, terms: Terms, voice: Voice, proposal: Proposal
) -> dict[str, Any]:
    """Return what follows from the words, the rules, and the duties as they are now."""
    importance, reasons = weigh(
        ImportanceFacts(
            kind=voice.kind,
            channel=voice.channel,
            satisfaction=voice.satisfaction,
            low=voice.low,
            grade=await grade_of(session, voice.customer_id),
            safety=proposal.safety,
            public=voice.public,
            sentiment=proposal.sentiment,
        ),
        await rules_in_force(session),
    )
    proposed = (await categories_by_code(session)).get(proposal.category or "")
    category_id = voice.category_id or (proposed.id if proposed else None)
    return {
        "safety": proposal.safety,
        "sentiment": proposal.sentiment,
        "importance": importance,
        "importance_reasons": list(reasons),
        "owner_id": await owner_for(session, category_id=category_id, org_path=voice.org_path),
        **terms.due(importance, voice.received_at),
    }


def _stored(voice: Voice) -> dict[str, Any]:
    """Return a new item's row, as far as the voice says it; its words are masked."""
    return {
        "id": new_id(),
        "source": voice.source,
        "source_ref": voice.source_ref,
        "mode": voice.mode,
        "kind": voice.kind,
        "channel": voice.channel,
        "state": ItemState.RECEIVED,
        "customer_id": voice.customer_id,
        "ticket_id": voice.ticket_id,
        "cycle_no": voice.cycle_no,
        "response_id": voice.response_id,
        "category_id": voice.category_id,
        "org_unit_id": voice.org_unit_id,
        "org_path": list(voice.org_path),
        "language": voice.language,
        "text_masked": None if voice.text is None else mask_personal(voice.text),
        "satisfaction": voice.satisfaction,
        "nps": voice.nps,
        "low": voice.low,
        "public": voice.public,
        "weighed_by_person": False,
        "received_at": voice.received_at,
        "revision": 1,
        "step_count": 1,
        "version": 1,
        "sequence": 1,
    }
