"""Let a demo ticket live: every step by its use case, at its past instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from services.tickets.conversation.reply_to_customer import reply_to_customer
from services.tickets.tickets.assign_ticket import assign_ticket
from services.tickets.tickets.close_ticket import close_ticket
from services.tickets.tickets.open_ticket import Intake, TicketRequest, open_ticket
from services.tickets.tickets.queries import Ticket, lock_ticket
from services.tickets.tickets.reopen_ticket import reopen_ticket
from services.tickets.tickets.resolve_ticket import resolve_ticket
from services.tickets.tickets.sight_queries import EVERYTHING
from services.tickets.tickets.vocabulary import (
    Channel,
    CloseActor,
    Kind,
    Priority,
    ReopenReason,
    ResolutionReason,
)
from shared.auth.actor import SYSTEM, Actor, ActorKind, Role
from shared.crypto.vault import Vault
from shared.database import Session
from shared.messages.contract import Origin
from standalone.demo.crew import Team
from standalone.demo.plan import ASSIGNED_AFTER, Life
from standalone.demo.words import REPLIES, SOLUTIONS

SOURCE = "demo"
"""With the life's number as reference: a load that was interrupted goes on where it was."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the lives refer to by number."""

    vault: Vault
    intake: Intake
    teams: Sequence[Team]
    customers: Sequence[UUID]
    categories: Sequence[UUID]


async def live(session: Session, cast: Cast, number: int, life: Life) -> None:
    """Write one life; whatever lies behind its last step has not happened yet."""
    random = Random(number)
    team = cast.teams[life.team % len(cast.teams)]
    customer_id = cast.customers[life.customer % len(cast.customers)]
    customer = Actor(ActorKind.CUSTOMER, customer_id, frozenset({Role.CUSTOMER}))
    agent_id = team.agents[life.agent % len(team.agents)]
    agent = Actor(ActorKind.STAFF, agent_id, frozenset({Role.AGENT}), frozenset({team.unit_id}))
    request = _request(cast, number, life, customer_id)
    ticket = await open_ticket(
        session, cast.vault, request, intake=cast.intake, actor=customer, now=life.created_at
    )
    ticket = await assign_ticket(
        session,
        ticket,
        org_unit_id=team.unit_id,
        assignee_id=agent_id,
        actor=SYSTEM,
        now=life.created_at + ASSIGNED_AFTER,
    )
    if life.first_reply_after is None:
        return
    replied_at = life.created_at + life.first_reply_after
    ticket = await _replied(session, cast, ticket, random, agent, now=replied_at)
    if life.resolved_after is None:
        return
    resolved_at = replied_at + life.resolved_after
    ticket = await _resolved(session, cast, ticket, random, agent, now=resolved_at)
    if life.closed_after is None:
        return
    closed_at = resolved_at + life.closed_after
    ticket = await _closed(session, ticket, customer, closed_at, by_timer=life.by_timer)
    if life.reopened_after is not None:
        await reopen_ticket(
            session,
            ticket,
            reason=ReopenReason.RECURRED,
            limits=cast.intake.limits,
            actor=customer,
            now=closed_at + life.reopened_after,
        )


def _request(cast: Cast, number: int, life: Life, customer_id: UUID) -> TicketRequest:
    return TicketRequest(
        kind=Kind(life.kind),
        channel=Channel(life.channel),
        subject=life.subject,
        description=life.description,
        customer_id=customer_id,
        priority=Priority(life.priority),
        category_id=cast.categories[life.category % len(cast.categories)],
        source=SOURCE,
        source_ref=str(number),
        origin=Origin.DEMO,
    )


async def _replied(
    session: Session, cast: Cast, ticket: Ticket, random: Random, agent: Actor, *, now: datetime
) -> Ticket:
    await reply_to_customer(
        session, cast.vault, ticket, body=random.choice(REPLIES), actor=agent, now=now
    )
    return await lock_ticket(session, ticket.id, EVERYTHING)


async def _resolved(
    session: Session, cast: Cast, ticket: Ticket, random: Random, agent: Actor, *, now: datetime
) -> Ticket:
    return await resolve_ticket(
        session,
        cast.vault,
        ticket,
        reason=ResolutionReason.SOLVED,
        solution=random.choice(SOLUTIONS),
        limits=cast.intake.limits,
        actor=agent,
        now=now,
    )


async def _closed(
    session: Session, ticket: Ticket, customer: Actor, now: datetime, *, by_timer: bool
) -> Ticket:
    by = CloseActor.TIMER if by_timer else CloseActor.CUSTOMER
    return await close_ticket(
        session, ticket, by=by, actor=SYSTEM if by_timer else customer, now=now
    )
