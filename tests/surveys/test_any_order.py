"""No order is promised: whatever order a ticket's events come in, its surveys end alike."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from services.surveys.invitations.cancel_after_reopening import cancel_after_reopening
from services.surveys.invitations.invite_after_closing import Asking, invite_after_closing
from services.surveys.invitations.tables import invitations, reopened_cycles
from shared.clock import utcnow
from shared.contracts.tickets import TicketClosed, TicketReopened
from shared.database import Session
from shared.inbox.handlers import C, Received
from shared.inbox.tables import inbox
from shared.messages.contract import Envelope
from shared.outbox.tables import outbox
from tests.support.people import VAULT
from tests.surveys.conftest import CLOSED_AT, Heard, Surveys, closed, reopened

LIFE = (
    closed(cycle_no=1),
    reopened(cycle_no=2),
    closed(cycle_no=2, resolution_reason="duplicate"),
    reopened(cycle_no=3),
    closed(cycle_no=3),
)


@given(heard=st.permutations(LIFE * 2), cuts=st.sets(st.integers(1, 9)))
@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
async def test_a_life_heard_in_any_order_and_twice_ends_in_the_same_state(
    surveys: Surveys, heard: list[Heard], cuts: set[int]
) -> None:
    async with surveys.database.transaction() as session:
        for table in (invitations, reopened_cycles, inbox, outbox):
            await session.execute(delete(table))

    bounds = [0, *sorted(cuts), len(heard)]
    for begin, end in pairwise(bounds):
        await surveys.hear(*heard[begin:end])

    rows = await surveys.rows()
    at = CLOSED_AT + timedelta(seconds=1)
    assert [(r.cycle_no, r.state, r.reason, r.reopened_at, r.sequence) for r in rows] == [
        (1, "cancelled", "reopened", at, 2),
        (2, "suppressed", "duplicate", at, 1),
        (3, "scheduled", None, None, 1),
    ]
    said = await surveys.said("survey.invited", "survey.suppressed", "survey.cancelled")
    assert sorted((one.data["cycle_no"], one.sequence, one.type) for one in said) == [
        (1, 1, "survey.invited"),
        (1, 2, "survey.cancelled"),
        (2, 1, "survey.suppressed"),
        (3, 1, "survey.invited"),
    ]


def received(contract: type[C], heard: Heard) -> Received[C]:
    envelope = Envelope.model_validate_json(heard.message.body)
    return Received(envelope, contract.model_validate(envelope.data))


async def waits_for_a_lock(surveys: Surveys) -> bool:
    """Return whether a transaction of this database waits for another."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with surveys.database.transaction() as session:
        return bool(await session.scalar(waiting))


@pytest.mark.parametrize("reopening_first", [True, False])
async def test_a_closing_and_its_reopening_taken_by_two_workers_see_each_other(
    surveys: Surveys, *, reopening_first: bool
) -> None:
    asking = Asking(VAULT, surveys.settings.timing)
    closing = received(TicketClosed, closed())
    reopening = received(TicketReopened, reopened())

    async def close(session: Session) -> None:
        await invite_after_closing(session, asking, [closing], now=utcnow())

    async def reopen(session: Session) -> None:
        await cancel_after_reopening(session, reopening)

    async def alone(handle: Callable[[Session], Awaitable[None]]) -> None:
        async with surveys.database.transaction() as session:
            await handle(session)

    first, second = (reopen, close) if reopening_first else (close, reopen)
    async with surveys.database.transaction() as session:
        await first(session)
        other = asyncio.create_task(alone(second))
        while not (other.done() or await waits_for_a_lock(surveys)):
            await asyncio.sleep(0)  # until it can go no further
    await other

    (row,) = await surveys.rows()
    assert (row.state, row.reason) == ("cancelled", "reopened")
    assert await surveys.send() == 0
    assert len(await surveys.said("survey.cancelled")) == 1
