"""The rules alone: the life of a ticket, its tiers, numbers as people write them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.tickets.customers.rules import ContactKind, normalise
from services.tickets.tickets.rules import (
    IllegalMoveError,
    after,
    allowed_moves,
    tier_above,
    tier_below,
    time_in_tiers,
)
from services.tickets.tickets.vocabulary import Move, State, Tier
from shared.errors import ConflictError, InvalidError

N, O, C, P = State.NEW, State.OPEN, State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY  # noqa: E741
R, E, X = State.RESOLVED, State.CLOSED, State.CANCELLED

LIFE: Final[Mapping[Move, Mapping[State, State]]] = {
    Move.ASSIGN: {N: N, O: O, C: C, P: P, R: R},
    Move.START: {N: O},
    Move.ADVANCE: {O: O},
    Move.AWAIT_CUSTOMER: {N: C, O: C, P: C},
    Move.AWAIT_THIRD_PARTY: {N: P, O: P, C: P},
    Move.RESUME: {C: O, P: O},
    Move.ESCALATE: {N: N, O: O, C: C, P: P},
    Move.RETURN: {N: N, O: O, C: C, P: P},
    Move.CORRECT: {N: N, O: O, C: C, P: P, R: R},
    Move.REPLY: {N: N, O: O, C: C, P: P, R: R},
    Move.HEAR: {N: N, O: O, C: C, P: P, R: R},
    Move.NOTE: {N: N, O: O, C: C, P: P, R: R, E: E, X: X},
    Move.RESOLVE: {N: R, O: R, C: R, P: R},
    Move.CLOSE: {R: E},
    Move.REOPEN: {R: O, E: O},
    Move.CANCEL: {N: X, O: X, C: X, P: X},
}
"""The life of a ticket as it was agreed, written down a second time."""


@given(st.sampled_from(State), st.sampled_from([m for m in Move if m is not Move.OPEN]))
def test_every_move_from_every_state_leads_where_it_was_agreed_or_is_refused(
    state: State, move: Move
) -> None:
    agreed = LIFE[move].get(state)
    assert (move in allowed_moves(state)) == (agreed is not None)
    if agreed is not None:
        assert after(state, move) is agreed
        return
    with pytest.raises(IllegalMoveError) as refused:
        after(state, move)
    assert refused.value.facts["allowed"] == allowed_moves(state)


@given(st.lists(st.sampled_from([m for m in Move if m is not Move.OPEN]), max_size=60))
def test_no_order_of_moves_closes_what_was_not_resolved_or_wakes_what_was_cancelled(
    moves: list[Move],
) -> None:
    state, solved, closings, cycles = State.NEW, False, 0, 1
    for move in moves:
        if move not in allowed_moves(state):
            continue
        before, state = state, after(state, move)
        assert before is not State.CANCELLED or state is State.CANCELLED
        if move is Move.CLOSE:
            assert solved
            closings += 1
        cycles += move is Move.REOPEN
        solved = state in {State.RESOLVED, State.CLOSED}
        assert closings <= cycles


def test_no_tier_is_skipped_and_none_lies_beyond_the_ends() -> None:
    assert [tier_above(Tier.L1), tier_above(Tier.L2)] == [Tier.L2, Tier.EXPERT]
    assert [tier_below(Tier.EXPERT), tier_below(Tier.L2)] == [Tier.L2, Tier.L1]
    with pytest.raises(ConflictError):
        tier_above(Tier.EXPERT)
    with pytest.raises(ConflictError):
        tier_below(Tier.L1)


def test_each_tier_answers_for_the_time_in_which_it_had_the_ticket() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    steps = (
        (0, N, Tier.L1),
        (10, N, Tier.L2),
        (25, O, Tier.L2),
        (40, R, Tier.L1),
        (50, E, Tier.L1),
        (500, O, Tier.L1),
    )
    spent = time_in_tiers(
        [(state, tier, noon + timedelta(minutes=minutes)) for minutes, state, tier in steps],
        noon + timedelta(minutes=507),
    )
    assert spent == {
        Tier.L1: timedelta(minutes=10 + 10 + 7),
        Tier.L2: timedelta(minutes=30),
        Tier.EXPERT: timedelta(),
    }


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("(+86)13800138000", "+8613800138000"),
        ("86 138 0013 8000", "+8613800138000"),
        ("0086 138 0013 8000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("010-62345678", "+861062345678"),
        ("（010）6234 5678", "+861062345678"),
        ("+86 010 6234 5678", "+861062345678"),
        ("86-010-62345678", "+861062345678"),
        ("0755 8234 5678", "+8675582345678"),
        ("400-812-3456", "+864008123456"),
        ("+1 (202) 555-0147", "+12025550147"),
        ("001 202 555 0147", "+12025550147"),
    ],
)
def test_a_number_is_kept_in_one_form_however_it_is_written(written: str, kept: str) -> None:
    assert normalise(ContactKind.PHONE, written) == kept


@pytest.mark.parametrize(
    "written",
    ["", "123", "电话", "+", "+0123456789", "138001380001380", "1380013800x", "٠١٢٣٤٥٦٧"],
)
def test_what_cannot_be_a_number_is_refused(written: str) -> None:
    with pytest.raises(InvalidError):
        normalise(ContactKind.PHONE, written)


@given(
    st.sampled_from([f"1{two}" for two in range(30, 100)]),
    st.text("0123456789", min_size=8, max_size=8),
    st.sampled_from(["", "+86", "+86 ", "86", "0086 ", "(+86) "]),
    st.sampled_from(["", " ", "-", ".", "\u3000"]),
)
def test_a_mobile_is_found_again_with_or_without_its_country_and_gaps(
    start: str, rest: str, country: str, gap: str
) -> None:
    written = f"{country}{start}{gap}{rest[:4]}{gap}{rest[4:]}"
    assert normalise(ContactKind.PHONE, written) == f"+86{start}{rest}"


@given(
    st.sampled_from(ContactKind),
    st.one_of(st.text(), st.text("+0123456789 -()（）"), st.emails()),
)
@example(ContactKind.PHONE, "+8600860012345678")
def test_an_address_in_its_one_form_stays_as_it_is(kind: ContactKind, written: str) -> None:
    try:
        kept = normalise(kind, written)
    except InvalidError:
        return
    assert normalise(kind, kept) == kept
