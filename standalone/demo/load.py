"""Load the demo beside the running system: twelve weeks of an invented company."""

import asyncio
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select

from services.tickets.categories.queries import all_categories
from services.tickets.tickets.tables import tickets
from shared.clock import utcnow
from shared.database import Database, Session
from standalone.compose import System
from standalone.demo.answers import answer_surveys, open_survey
from standalone.demo.crew import customers_of, directory_is_empty, hire, teams
from standalone.demo.live import SOURCE, Cast, live
from standalone.demo.plan import TICKETS, Life, lives
from standalone.demo.recoveries import make_good
from standalone.demo.voices import answer_voices

LIVES_A_TRANSACTION: Final = 10
"""Short enough that people who already use the system do not wait."""

log = structlog.get_logger()


async def load_demo(system: System, *, count: int = TICKETS) -> str | None:
    """Load what is missing of the demo; return the token of a survey that can be answered.

    A second call finds nothing to do.
    """
    plan = lives(utcnow(), count=count)
    database = system.databases["tickets"]
    async with database.transaction() as session:
        if await directory_is_empty(session):
            await hire(session, now=plan[0].created_at)
    await _live_all(system, database, plan)
    await answer_surveys(system, plan)
    await make_good(system)
    await answer_voices(system)
    return await open_survey(system)


async def _live_all(system: System, database: Database, plan: list[Life]) -> None:
    async with database.transaction() as session:
        done = await _lived(session)
    waiting = [(number, life) for number, life in enumerate(plan) if number not in done]
    if not waiting:
        return
    async with database.transaction() as session:
        cast = await _cast(system, session, now=plan[0].created_at)
    for begin in range(0, len(waiting), LIVES_A_TRANSACTION):
        async with database.transaction() as session:
            for number, life in waiting[begin : begin + LIVES_A_TRANSACTION]:
                await live(session, cast, number, life)
        await asyncio.sleep(0)


async def _lived(session: Session) -> set[int]:
    refs = await session.scalars(select(tickets.c.source_ref).where(tickets.c.source == SOURCE))
    return {int(ref) for ref in refs}


async def _cast(system: System, session: Session, *, now: datetime) -> Cast:
    vault = system.vaults["tickets"]
    return Cast(
        vault=vault,
        intake=system.services["tickets"].state["intake"],
        teams=await teams(session),
        customers=await customers_of(session, vault, now=now),
        categories=[category.id for category in await all_categories(session)],
    )
