"""What the demo's customers wrote becomes feedback by itself; what is important is answered."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import select, true

from services.feedback.items.classify_item import Classification, classify_item
from services.feedback.items.close_item import close_item
from services.feedback.items.queries import Item, lock_item
from services.feedback.items.reply_to_customer import reply_to_customer
from services.feedback.items.rules import Terms
from services.feedback.items.tables import items
from services.feedback.items.vocabulary import (
    Importance,
    ItemMove,
    ItemState,
    ReplyChannel,
    Sentiment,
)
from services.feedback.items.work_on_item import confirm_item, give_result, move_item
from shared.auth.actor import Actor, ActorKind, Role
from shared.clock import utcnow
from shared.contracts.surveys import CommentGiven
from shared.crypto.vault import Vault
from shared.database import Session
from shared.messages.contract import Origin
from shared.outbox.tables import outbox
from standalone.compose import System
from standalone.demo.answers import come_to_nothing
from standalone.demo.plan import SEED
from standalone.demo.words import AMENDS, APOLOGIES

VOICES_A_TRANSACTION: Final = 10
UNHEARD: Final = 0.1
LATE: Final = 0.15
UNPROVEN: Final = 0.3
"""Some voices wait, some were answered late, and of some nobody knows yet whether all is well."""

PLEASED: Final = 4
STEP: Final = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the steps of an item work with."""

    vault: Vault
    terms: Terms


async def answer_voices(system: System) -> None:
    """Wait until every comment is an item, and do what our people did about the important ones.

    Raises TimeoutError when the services stand still.
    """
    await _all_heard(system)
    desk = Desk(system.vaults["feedback"], system.services["feedback"].state["receiving"].terms)
    waiting = (
        select(items.c.id)
        .where(
            items.c.origin == Origin.DEMO,
            items.c.importance == Importance.IMPORTANT,
            items.c.state == ItemState.RECEIVED,
            items.c.category_id.is_not(None),
        )
        .order_by(items.c.received_at)
    )
    database = system.databases["feedback"]
    async with database.transaction() as session:
        found = list(await session.scalars(waiting))
    for begin in range(0, len(found), VOICES_A_TRANSACTION):
        async with database.transaction() as session:
            for item_id in found[begin : begin + VOICES_A_TRANSACTION]:
                await _answer(session, desk, await lock_item(session, item_id, true()))
        await asyncio.sleep(0)


async def _all_heard(system: System) -> None:
    """Wait until the letter of each comment was read."""
    letters = select(outbox.c.subject).where(
        outbox.c.type == CommentGiven.TYPE, outbox.c.origin == Origin.DEMO
    )
    async with system.databases["surveys"].transaction() as session:
        written = set(await session.scalars(letters))

    async def missing() -> int:
        async with system.databases["feedback"].transaction() as session:
            return len(written - set(await session.scalars(select(items.c.response_id))))

    await come_to_nothing(missing, "comments that are no feedback yet")


async def _answer(session: Session, desk: Desk, item: Item) -> None:
    """Do the steps that have happened by now, at their past instants."""
    random = Random(f"{SEED}/voice/{item.received_at}")
    begun_at = item.received_at + timedelta(hours=random.uniform(0.2, 5))
    answered_at = begun_at + timedelta(hours=random.uniform(0.5, 15))
    if random.random() < LATE:
        answered_at += timedelta(hours=24)
    settled_at = answered_at + timedelta(hours=random.uniform(20, 60))
    now = utcnow()
    if random.random() < UNHEARD or answered_at > now or item.category_id is None:
        return
    actor = Actor(ActorKind.STAFF, item.owner_id, frozenset({Role.SUPERVISOR}))
    said = Classification(item.category_id, _sentiment(item))
    item = await classify_item(session, item, said, terms=desk.terms, actor=actor, now=begun_at)
    item = await _worked_on(session, desk, item, random, actor, now=answered_at)
    if random.random() > UNPROVEN and settled_at < now:
        await _settled(session, desk, item, actor, now=settled_at)


async def _worked_on(
    session: Session, desk: Desk, item: Item, random: Random, actor: Actor, *, now: datetime
) -> Item:
    vault = desk.vault
    for move in (ItemMove.ANALYZE, ItemMove.PROCESS):
        item = await move_item(session, vault, item, move, note=None, actor=actor, now=now - STEP)
    found = random.choice(AMENDS)
    item = await give_result(session, vault, item, text=found, actor=actor, now=now)
    words = random.choice(APOLOGIES)
    await reply_to_customer(
        session, vault, item, text=words, channel=ReplyChannel.PHONE, actor=actor, now=now
    )
    return await lock_item(session, item.id, true())


async def _settled(
    session: Session, desk: Desk, item: Item, actor: Actor, *, now: datetime
) -> None:
    vault = desk.vault
    item = await move_item(
        session, vault, item, ItemMove.FOLLOW_UP, note=None, actor=actor, now=now - STEP
    )
    item = await confirm_item(session, vault, item, note=None, actor=actor, now=now)
    await close_item(session, item, terms=desk.terms, actor=actor, now=now)


def _sentiment(item: Item) -> Sentiment:
    if item.satisfaction is None:
        return Sentiment.NEUTRAL
    return Sentiment.POSITIVE if item.satisfaction >= PLEASED else Sentiment.NEGATIVE
