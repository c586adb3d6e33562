"""When clocks stop and what the verdict is: the rules of a loop case, without a database."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.loops.rules import (
    NOTHING_RUNS,
    Answer,
    Contact,
    Course,
    Happening,
    Restatement,
    Verdict,
    What,
    contacted_at,
    nearest_due,
    read_clock,
    resulted_at,
    state_of,
    verdict_of,
    verifying_since,
)
from services.feedback.loops.vocabulary import LoopOutcome, LoopState
from shared.ids import new_id
from tests.feedback.loop_life import ANSWERED_AT, after

ANSWER = new_id()


def course(*happenings: Happening, handling: int | None = 1, **rest: object) -> Course:
    return Course(ANSWERED_AT, handling, happenings=happenings, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("satisfaction", "solved", "outcome"),
    [
        (5, True, LoopOutcome.RECOVERED),
        (4, None, LoopOutcome.RECOVERED),
        (4, False, LoopOutcome.NOT_RECOVERED),
        (3, True, LoopOutcome.NOT_RECOVERED),
        (None, True, LoopOutcome.NOT_RECOVERED),
    ],
)
def test_a_customer_is_won_back_by_four_of_five_and_a_solution(
    satisfaction: int | None, *, solved: bool | None, outcome: LoopOutcome
) -> None:
    answer = Answer(ANSWER, 1, satisfaction, solved, after(days=3))

    assert verdict_of(course(answers=[answer])) == Verdict(outcome, after(days=3), ANSWER)


def test_an_answer_about_an_earlier_cycle_is_no_verdict() -> None:
    earlier = Answer(ANSWER, 1, 5, solved=True, completed_at=after(days=3))

    assert verdict_of(course(handling=2, answers=[earlier])) is None
    assert verdict_of(course(handling=None, answers=[earlier])) is None


def test_whose_recovery_was_reopened_is_asked_again_and_not_unreachable() -> None:
    expired = Happening(What.EXPIRED, 1, after(days=8))
    before = Happening(What.REOPENED, 2, after(days=2))
    afterwards = Happening(What.REOPENED, 2, after(days=9))

    assert verdict_of(course(expired, before)) is None
    verdict = verdict_of(course(expired, afterwards))
    assert verdict == Verdict(LoopOutcome.UNREACHABLE, after(days=8), None)


@pytest.mark.parametrize(
    ("restated", "contacts", "needless"),
    [
        (Restatement(low=False, withdrawn=False, restated_at=after(hours=1)), [], True),
        (Restatement(low=True, withdrawn=False, restated_at=after(hours=1)), [], False),
        (Restatement(low=True, withdrawn=True, restated_at=after(hours=1)), [], True),
        (Restatement(low=False, withdrawn=False, restated_at=after(hours=-1)), [], False),
        (
            Restatement(low=False, withdrawn=False, restated_at=after(hours=1)),
            [Contact(reached=False, at=after(minutes=5))],
            False,
        ),
        (
            Restatement(low=False, withdrawn=False, restated_at=after(hours=1)),
            [Contact(reached=True, at=after(hours=2))],
            True,
        ),
    ],
)
def test_an_answer_taken_back_before_anybody_acted_needs_no_recovery(
    restated: Restatement, contacts: list[Contact], *, needless: bool
) -> None:
    verdict = verdict_of(course(handling=None, restatements=[restated], contacts=contacts))

    expected = Verdict(LoopOutcome.NOT_NEEDED, after(hours=1), None)
    assert verdict == (expected if needless else None)


def test_a_result_that_was_there_before_the_answer_counts_from_the_answer() -> None:
    heard = course(Happening(What.RESOLVED, 2, after(hours=-1)), handling=2)

    assert resulted_at(heard) == ANSWERED_AT
    assert resulted_at(course(Happening(What.RESOLVED, 1, after(hours=1)), handling=2)) is None


def test_the_customer_is_asked_from_the_last_result_until_it_is_reopened() -> None:
    first, again = (Happening(What.RESOLVED, n, after(hours=n)) for n in (1, 3))
    between = Happening(What.REOPENED, 2, after(hours=2))

    assert verifying_since(course(first, between)) is None
    assert verifying_since(course(first, between, again)) == after(hours=3)


INSTANTS = st.integers(-3, 6).map(lambda hours: after(hours=hours))


@given(replies=st.lists(INSTANTS), tried=st.lists(st.tuples(st.booleans(), INSTANTS)))
def test_the_contact_clock_stops_at_the_first_word_that_reached_the_customer(
    replies: list[datetime], tried: list[tuple[bool, datetime]]
) -> None:
    happenings = [Happening(What.RESPONDED, 1, at) for at in replies]
    contacts = [Contact(reached, at) for reached, at in tried]

    stopped = contacted_at(course(*happenings, contacts=contacts))

    words = [*replies, *(at for reached, at in tried if reached)]
    assert stopped == min((at for at in words if at >= ANSWERED_AT), default=None)


@pytest.mark.parametrize(
    ("contacted", "resulted", "closed", "nearest"),
    [
        (None, None, None, after(days=1)),
        (after(hours=2), None, None, after(days=2)),
        (None, after(hours=2), None, after(days=1)),
        (after(hours=1), after(hours=2), None, NOTHING_RUNS),
        (None, None, after(hours=2), NOTHING_RUNS),
    ],
)
def test_the_nearest_deadline_is_that_of_a_clock_that_runs(
    contacted: datetime | None,
    resulted: datetime | None,
    closed: datetime | None,
    nearest: datetime,
) -> None:
    found = nearest_due(
        contact_due_at=after(days=1),
        contacted_at=contacted,
        result_due_at=after(days=2),
        resulted_at=resulted,
        closed_at=closed,
    )
    assert found == nearest


def test_a_clock_says_what_is_left_and_stands_still_when_it_is_over() -> None:
    due = after(days=1)

    running = read_clock(due, None, None, now=due - timedelta(seconds=90))
    late = read_clock(due, None, None, now=due + timedelta(seconds=90))
    stopped = read_clock(due, after(hours=3), None, now=after(days=9))
    closed = read_clock(due, None, after(hours=3), now=after(days=9))

    assert (running.seconds_left, running.overdue) == (90, False)
    assert (late.seconds_left, late.overdue) == (-90, True)
    assert (stopped.seconds_left, stopped.overdue) == (None, False)
    assert (closed.seconds_left, closed.overdue) == (None, False)


@pytest.mark.parametrize(
    ("contacted", "verifying", "closed", "state"),
    [
        (None, None, None, LoopState.OPEN),
        (after(hours=1), None, None, LoopState.CONTACTED),
        (after(hours=1), after(hours=2), None, LoopState.VERIFYING),
        (None, after(hours=2), None, LoopState.VERIFYING),
        (None, after(hours=2), after(hours=3), LoopState.CLOSED),
    ],
)
def test_the_state_follows_from_the_instants(
    contacted: datetime | None,
    verifying: datetime | None,
    closed: datetime | None,
    state: LoopState,
) -> None:
    found = state_of(contacted_at=contacted, verifying_since=verifying, closed_at=closed)
    assert found is state
