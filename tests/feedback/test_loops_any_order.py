"""No order is promised: whatever order the messages of a case come in, it ends alike."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from services.feedback.loops.heard_tables import (
    heard_answers,
    heard_call_wishes,
    heard_happenings,
    heard_restatements,
)
from services.feedback.loops.tables import (
    loop_cases,
    loop_contacts,
    loop_escalations,
    loop_scores,
)
from shared.auth.actor import Role
from shared.bus.interface import Message
from shared.ids import new_id
from shared.inbox.tables import inbox
from shared.outbox.tables import outbox
from tests.feedback.conftest import Feedback, letters
from tests.feedback.loop_life import (
    ANSWERED_AT,
    FIRST,
    HANDLING,
    ROOT,
    VERDICT,
    after,
    call_wanted,
    case_of,
    completed,
    expired,
    low_score,
    reopened,
    resolved,
    responded,
    restated,
    suppressed,
    taken,
)

BRANCH, TEAM = new_id(), new_id()


@dataclass(frozen=True)
class Life:
    """What happens to a case, and how it ends; `noted` when its root is its own recovery."""

    heard: Sequence[Message]
    outcome: str | None
    closed_at: datetime | None
    contacted_at: datetime | None
    resulted_at: datetime | None
    answer: UUID | None = None
    noted: bool = False
    scores: int = 1
    callback: str | None = None


OPENING = low_score(org_path=(BRANCH, TEAM))

LIVES = {
    "recovered": Life(
        (
            call_wanted(after(minutes=1), "morning"),
            call_wanted(after(minutes=2), "evening"),
            responded(after(hours=3)),
            responded(after(hours=2)),
            resolved(after(hours=30)),
            completed(4, at=after(hours=40)),
        ),
        outcome="recovered",
        closed_at=after(hours=40),
        contacted_at=after(hours=2),
        resulted_at=after(hours=30),
        answer=VERDICT,
        callback="evening",
    ),
    "content, but not solved": Life(
        (
            responded(after(hours=2)),
            resolved(after(hours=30)),
            reopened(after(hours=31)),
            resolved(after(hours=50), cycle_no=2),
            suppressed(after(hours=51), "recovery_asked", cycle_no=2),
            completed(5, at=after(hours=60), solved=False),
        ),
        outcome="not_recovered",
        closed_at=after(hours=60),
        contacted_at=after(hours=2),
        resulted_at=after(hours=30),
        answer=VERDICT,
    ),
    "the root is its own recovery": Life(
        (
            reopened(after(hours=-1), ROOT),
            responded(after(hours=-1), ROOT, 2),
            responded(after(hours=1), ROOT, 2),
            resolved(after(hours=5), ROOT, 2),
            completed(1, at=after(hours=9), ticket_id=ROOT, cycle_no=2, solved=False),
            low_score(ROOT, VERDICT, 2, at=after(hours=9), org_path=(BRANCH, TEAM)),
        ),
        outcome="not_recovered",
        closed_at=after(hours=9),
        contacted_at=after(hours=1),
        resulted_at=after(hours=5),
        answer=VERDICT,
        noted=True,
        scores=2,
    ),
    "nobody answers": Life(
        (resolved(after(hours=5)), expired(after(days=8))),
        outcome="unreachable",
        closed_at=after(days=8),
        contacted_at=None,
        resulted_at=after(hours=5),
    ),
    "a mistake, told before anybody acted": Life(
        (restated(after(minutes=9), low=False), responded(after(hours=2))),
        outcome="not_needed",
        closed_at=after(minutes=9),
        contacted_at=after(hours=2),
        resulted_at=None,
    ),
    "in hand": Life(
        (responded(after(hours=1)), resolved(after(hours=3)), reopened(after(hours=4))),
        outcome=None,
        closed_at=None,
        contacted_at=after(hours=1),
        resulted_at=after(hours=3),
    ),
}


async def forget_everything(feedback: Feedback) -> None:
    tables = (
        loop_escalations,
        loop_contacts,
        loop_scores,
        loop_cases,
        heard_answers,
        heard_call_wishes,
        heard_happenings,
        heard_restatements,
        inbox,
        outbox,
    )
    async with feedback.database.transaction() as session:
        for table in tables:
            await session.execute(delete(table))


async def rows_of(feedback: Feedback) -> Sequence[Any]:
    async with feedback.database.transaction() as session:
        return (await session.execute(select(loop_cases))).all()


async def live(feedback: Feedback, life: Life, order: Sequence[int], cuts: set[int]) -> None:
    """Hear a life twice, in some order and in some batches; what opens and takes it included.

    A recovery is only taken after its case was opened, and the answer about a recovery that is
    low comes after the one that called for it: nothing else is promised.
    """
    messages = (OPENING, None, *life.heard)
    taking: Message | None = None
    waiting: list[Message | None] = []
    bounds = [0, *sorted(cuts), len(order)]
    for begin, end in pairwise(bounds):
        waiting += [messages[number % len(messages)] for number in order[begin:end]]
        opened = bool(await feedback.said("feedback.loop_opened")) or OPENING in waiting
        later = [one for one in waiting if not opened and _waits_for_opening(one)]
        now = [one for one in waiting if one not in later]
        if OPENING in now:
            await feedback.hear(OPENING)
        await feedback.hear(*(one for one in now if one is not None))
        if None in now:
            taking = taking or taken(
                await case_of(feedback),
                handling=ROOT if life.noted else HANDLING,
                cycle_no=2 if life.noted else 1,
                noted=life.noted,
            )
            await feedback.hear(taking)
        waiting = later


def _waits_for_opening(one: Message | None) -> bool:
    return one is None or (one.type == "survey.low_score.v1" and one is not OPENING)


@pytest.mark.parametrize("name", LIVES)
@given(data=st.data())
@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
async def test_a_case_heard_in_any_order_and_twice_ends_in_the_same_state(
    feedback: Feedback, name: str, data: st.DataObject
) -> None:
    life = LIVES[name]
    count = 2 * (len(life.heard) + 2)
    order = data.draw(st.permutations(range(count)))
    cuts = data.draw(st.sets(st.integers(1, count - 1)))
    await forget_everything(feedback)
    lead, head = await leaders(feedback)

    await live(feedback, life, order, cuts)

    (row,) = await rows_of(feedback)
    assert (row.outcome, row.closed_at, row.closing_response_id) == (
        life.outcome,
        life.closed_at,
        life.answer,
    )
    assert (row.contacted_at, row.resulted_at) == (life.contacted_at, life.resulted_at)
    assert (row.opened_at, row.response_id, row.callback_time) == (
        ANSWERED_AT,
        FIRST,
        life.callback,
    )
    raised = life.outcome == "not_recovered"
    assert (row.level, row.owner_id) == ((2, head) if raised else (1, lead))
    await the_same_is_said(feedback, life)
    told = Counter((one["template"], one["staff_id"]) for one in await notices(feedback))
    expected = {("loop_opened", str(lead)): 1}
    assert told == expected | ({("loop_not_recovered", str(head)): 1} if raised else {})


async def the_same_is_said(feedback: Feedback, life: Life) -> None:
    said = await feedback.said(*EVENTS)
    assert sorted(one.sequence for one in said) == list(range(1, len(said) + 1))
    times = Counter(one.type for one in said)
    assert times["feedback.loop_opened"] == 1
    assert times["feedback.loop_closed"] == (life.outcome is not None)
    assert times["feedback.loop_escalated"] == (life.outcome == "not_recovered")
    assert earliest(said, "contacted_at") == life.contacted_at
    assert earliest(said, "resulted_at") == life.resulted_at
    for closed in (one for one in said if one.type == "feedback.loop_closed"):
        answer = None if life.answer is None else str(life.answer)
        assert (closed.data["outcome"], closed.data["response_id"]) == (life.outcome, answer)
    async with feedback.database.transaction() as session:
        assert len((await session.execute(select(loop_scores))).all()) == life.scores


EVENTS = tuple(
    f"feedback.loop_{what}" for what in ("opened", "contacted", "resulted", "escalated", "closed")
)


def earliest(said: Sequence[Any], name: str) -> datetime | None:
    """Return the instant that counts: a later message may only tell of an earlier one."""
    told = [datetime.fromisoformat(one.data[name]) for one in said if name in one.data]
    assert told == sorted(told, reverse=True)
    return told[-1] if told else None


async def notices(feedback: Feedback) -> list[dict[str, Any]]:
    return letters(await feedback.said("notification.staff_request"))


_LEADERS: dict[int, tuple[UUID, UUID]] = {}


async def leaders(feedback: Feedback) -> tuple[UUID, UUID]:
    """Return who supervises the team and who the branch; they are known once a database."""
    if id(feedback) not in _LEADERS:
        lead = await feedback.people.staff(Role.SUPERVISOR, units=[TEAM])
        head = await feedback.people.staff(Role.SUPERVISOR, units=[BRANCH])
        _LEADERS[id(feedback)] = (lead.id, head.id)
    return _LEADERS[id(feedback)]


async def test_two_workers_with_two_bad_answers_of_one_ticket_open_one_case(
    feedback: Feedback,
) -> None:
    for _ in range(10):
        await forget_everything(feedback)
        answers = [low_score(cycle_no=n, response_id=new_id()) for n in range(1, 5)]

        await asyncio.gather(*(feedback.hear(one) for one in answers))

        (row,) = await rows_of(feedback)
        (said,) = await feedback.said("feedback.loop_opened")
        assert said.data["case_id"] == str(row.id)
        async with feedback.database.transaction() as session:
            scores = (await session.execute(select(loop_scores.c.case_id))).all()
        assert [one.case_id for one in scores] == [row.id] * 4


async def test_a_recovery_and_its_first_reply_taken_by_two_workers_see_each_other(
    feedback: Feedback,
) -> None:
    for _ in range(10):
        await forget_everything(feedback)
        await feedback.hear(low_score())
        taking = taken(await case_of(feedback))
        heard = (taking, responded(after(hours=1)), resolved(after(hours=2)))

        await asyncio.gather(*(feedback.hear(one) for one in heard))

        (row,) = await rows_of(feedback)
        assert (row.contacted_at, row.resulted_at) == (after(hours=1), after(hours=2))
