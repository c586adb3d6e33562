"""The demo's bad answers open loop cases by themselves; its people make most of them good."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import select

from services.surveys.invitations.rules import RECOVERY
from services.surveys.invitations.tables import invitations
from services.surveys.responses.tables import responses
from services.tickets.conversation.reply_to_customer import reply_to_customer
from services.tickets.recovery.tables import recovery_cases
from services.tickets.tickets.close_ticket import close_ticket
from services.tickets.tickets.queries import lock_ticket
from services.tickets.tickets.resolve_ticket import resolve_ticket
from services.tickets.tickets.sight_queries import EVERYTHING
from services.tickets.tickets.tables import tickets
from services.tickets.tickets.vocabulary import CloseActor, Kind, ResolutionReason, State
from shared.auth.actor import SYSTEM, Actor, ActorKind, Role
from shared.clock import utcnow
from shared.database import Session
from shared.messages.contract import Origin
from standalone.compose import System
from standalone.demo.answers import answer_what_was_asked, come_to_nothing
from standalone.demo.live import SOURCE
from standalone.demo.plan import Answer
from standalone.demo.recovery_plan import Recovery, recovery_of
from standalone.demo.words import AMENDS, APOLOGIES

RECOVERIES_A_TRANSACTION: Final = 10


@dataclass(frozen=True, slots=True)
class Taken:
    """A recovery ticket of the demo with the number of the life that it makes good."""

    ticket_id: UUID
    number: int
    opened_at: datetime
    state: State


async def make_good(system: System) -> None:
    """Wait until each bad answer has its recovery, and do what the plan says about it.

    Raises TimeoutError when the services stand still.
    """
    await _all_taken(system)
    taken = await _taken(system)
    plan = {one.ticket_id: recovery_of(one.number, one.opened_at, utcnow()) for one in taken}
    new = [one for one in taken if one.state is State.NEW]
    for begin in range(0, len(new), RECOVERIES_A_TRANSACTION):
        async with system.databases["tickets"].transaction() as session:
            for one in new[begin : begin + RECOVERIES_A_TRANSACTION]:
                await _recover(session, system, one, plan[one.ticket_id])
        await asyncio.sleep(0)
    answers: dict[UUID, Answer | None] = {
        one.ticket_id: plan[one.ticket_id].answer
        for one in await _taken(system)
        if one.state is State.CLOSED
    }
    await answer_what_was_asked(system, answers)


async def _all_taken(system: System) -> None:
    """Wait until the ticket of each bad answer is known to be made good."""
    low = (
        select(invitations.c.ticket_id)
        .join(responses, responses.c.invitation_id == invitations.c.id)
        .where(invitations.c.origin == Origin.DEMO, invitations.c.kind != RECOVERY, responses.c.low)
    )
    async with system.databases["surveys"].transaction() as session:
        let_down = set(await session.scalars(low))

    async def missing() -> int:
        async with system.databases["tickets"].transaction() as session:
            known = set(await session.scalars(select(recovery_cases.c.root_ticket_id)))
        return len(let_down - known)

    await come_to_nothing(missing, "bad answers without a recovery")


async def _taken(system: System) -> Sequence[Taken]:
    """Return the recovery tickets of the demo in the order of their lives."""
    root = tickets.alias("root")
    statement = (
        select(tickets.c.id, root.c.source_ref, tickets.c.created_at, tickets.c.state)
        .join(root, root.c.id == tickets.c.recovers_ticket_id)
        .where(
            tickets.c.kind == Kind.RECOVERY,
            tickets.c.origin == Origin.DEMO,
            root.c.source == SOURCE,
        )
    )
    async with system.databases["tickets"].transaction() as session:
        rows = list(await session.execute(statement))
    found = [Taken(row.id, int(row.source_ref), row.created_at, State(row.state)) for row in rows]
    return sorted(found, key=lambda one: one.number)


async def _recover(session: Session, system: System, taken: Taken, plan: Recovery) -> None:
    """Do the steps of a recovery that have happened by now, at their past instants."""
    if plan.contacted_after is None:
        return
    vault = system.vaults["tickets"]
    random = Random(taken.number)
    ticket = await lock_ticket(session, taken.ticket_id, EVERYTHING)
    agent = Actor(ActorKind.STAFF, ticket.assignee_id, frozenset({Role.SUPERVISOR}))
    now = taken.opened_at + plan.contacted_after
    words = random.choice(APOLOGIES)
    await reply_to_customer(session, vault, ticket, body=words, actor=agent, now=now)
    if plan.resolved_after is None:
        return
    now += plan.resolved_after
    ticket = await resolve_ticket(
        session,
        vault,
        await lock_ticket(session, taken.ticket_id, EVERYTHING),
        reason=ResolutionReason.SOLVED,
        solution=random.choice(AMENDS),
        limits=system.services["tickets"].state["intake"].limits,
        actor=agent,
        now=now,
    )
    if plan.closed_after is not None:
        now += plan.closed_after
        await close_ticket(session, ticket, by=CloseActor.TIMER, actor=SYSTEM, now=now)
