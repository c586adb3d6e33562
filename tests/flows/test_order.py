"""No order is promised: what tickets said reaches the others torn, shuffled and repeated."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select, text

from services.reporting.books.queries import books
from services.reporting.facts.fold import fold_next
from services.reporting.facts.tables import figures, ticket_facts
from services.reporting.figures.period_rules import Period
from services.reporting.figures.question_rules import Part
from services.reporting.service import create_service as create_reporting
from services.surveys.invitations.tables import invitations
from services.surveys.service import create_service as create_surveys
from shared.bus.interface import Delivery, Exchange, Message
from shared.clock import utcnow
from shared.database import Database
from shared.inbox.receive import Inbox, receive_into
from shared.outbox.relay import relay_once
from shared.service import Service
from shared.settings import CommonSettings
from tests.support.databases import Databases
from tests.support.people import VAULT
from tests.support.sample_service import ShelfBus
from tests.tickets.conftest import Desk, desk
from tests.tickets.steps import SOLUTION, done, filed

__all__ = ["desk"]

ZONE = ZoneInfo("Asia/Shanghai")

EMPTY = list(figures.c).index(figures.c.n)

FORGET_SURVEYS = "TRUNCATE invitations, reopened_cycles, inbox, outbox CASCADE"
FORGET_REPORTING = (
    "TRUNCATE events.event_log, facts.ticket_facts, facts.invitation_facts, "
    "facts.loop_facts, facts.feedback_facts, facts.contacts, facts.open_cases, "
    "facts.contributions, facts.figures, facts.narrow_figures, facts.fold_position"
)


class Listener:
    """A service that hears what it is given, on a database of its own."""

    def __init__(self, service: Service, database: Database) -> None:
        self.service = service
        self.database = database
        self._queue = service.queues[0]
        self._box = Inbox(service.name, database, service.handlers, VAULT, utcnow)

    async def hear(self, random: Random, messages: Sequence[Message]) -> None:
        """Hear all messages in any order, a third of them twice, in batches of any size."""
        rest = [*messages, *random.sample(messages, len(messages) // 3)]
        random.shuffle(rest)
        receive = receive_into(self._box, self._queue)
        while rest:
            some = random.randint(1, len(rest))
            batch = [Delivery(one, 0, redelivered=False) for one in rest[:some]]
            assert await receive(batch) == {}
            if self.service.name == "reporting":
                await self.fold()
            rest = rest[some:]

    async def fold(self) -> None:
        """Count what was heard."""
        while await fold_next(self.database, ZONE):
            pass

    async def said(self) -> list[Message]:
        """Return the events that it has said, as the bus gets them."""
        bus = ShelfBus()
        while await relay_once(self.database, bus, service=self.service.name):
            pass
        return [one for one in bus.published if one.exchange is Exchange.EVENTS]

    async def forget(self, statement: str) -> None:
        """Know nothing any more."""
        async with self.database.transaction() as session:
            await session.execute(text(statement))

    async def rows(self, table: Table, *but: str) -> list[tuple[Any, ...]]:
        """Return the content of a table, less some columns, in one order."""
        columns = [column for column in table.c if column.name not in but]
        async with self.database.transaction() as session:
            found = await session.execute(select(*columns))
            return sorted((tuple(row) for row in found), key=str)


async def a_life_and_another(desk: Desk) -> list[Message]:
    """Let a complaint be closed, reopened and closed again, and another one be spam."""
    customer = desk.people.customer()
    for reason in ("solved", "spam"):
        ticket = await filed(customer)
        await done(desk.supervisor, ticket, "assign", {"org_unit_id": str(desk.team)})
        await done(desk.agent, ticket, "replies", {"body": "今天下午两点上门。"})
        await done(desk.agent, ticket, "escalate", {"reason": "needs_skill"})
        await done(desk.agent, ticket, "resolve", SOLUTION | {"reason": reason})
        await done(desk.agent, ticket, "close")
        if reason == "solved":
            await done(desk.supervisor, ticket, "reopen", {"reason": "not_solved"})
            await done(desk.agent, ticket, "resolve", SOLUTION)
            await done(desk.agent, ticket, "close")
    return await Listener(desk.service, desk.database).said()


@dataclass
class Told:
    """What tickets said, who hears it, and how those ended who heard it before."""

    messages: list[Message]
    surveys: Listener
    reporting: Listener
    ends: list[Any] = field(default_factory=list)


@pytest.fixture
async def told(desk: Desk, databases: Databases) -> Told:
    """Let tickets say something, and surveys and reporting listen."""
    common = CommonSettings()
    surveys, reporting = create_surveys(common, VAULT), create_reporting(common, VAULT)
    return Told(
        await a_life_and_another(desk),
        Listener(surveys, await databases.open(surveys)),
        Listener(reporting, await databases.open(reporting)),
    )


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=8,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_who_hears_lives_in_any_order_ends_in_the_same_state(told: Told, seed: int) -> None:
    random, surveys, reporting = Random(seed), told.surveys, told.reporting
    await surveys.forget(FORGET_SURVEYS)
    await reporting.forget(FORGET_REPORTING)

    await surveys.hear(random, told.messages)
    rows = await surveys.rows(invitations, *(set(invitations.c.keys()) - {"state", "reason"}))
    assert rows == [("cancelled", "reopened"), ("scheduled", None), ("suppressed", "spam")]
    said = await surveys.said()
    assert Counter(one.key for one in said) == {
        "survey.invited.v1": 2,
        "survey.cancelled.v1": 1,
        "survey.suppressed.v1": 1,
    }

    await reporting.hear(random, [*told.messages, *said])
    async with reporting.database.transaction() as session:
        found = await books(session, this_month(), Part(), None)
    assert found.balanced
    assert (found.closed, found.invited, found.suppressed) == (3, 2, 1)
    assert (found.open, found.cancelled, found.completed, found.expired) == (1, 1, 0, 0)
    counted = [row for row in await reporting.rows(figures) if row[EMPTY] != 0]
    told.ends.append((await reporting.rows(ticket_facts), counted))
    assert told.ends[0] == told.ends[-1]


def this_month() -> Period:
    """Return the last 30 days."""
    today = utcnow().astimezone(ZONE).date()
    return Period(today - timedelta(days=29), today)
