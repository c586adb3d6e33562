"""Lines, encodings and lives, as rules that need no database."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.tickets.history.delimited_rules import LONGEST_RECORD, Record, Records
from services.tickets.history.encoding_rules import EncodingSearch
from services.tickets.history.life_rules import Step, life_of
from services.tickets.history.row_rules import HistoryEvent, HistoryRow
from services.tickets.history.vocabulary import Happening
from services.tickets.tickets.vocabulary import (
    Channel,
    CloseActor,
    Kind,
    Move,
    Priority,
    ResolutionReason,
    State,
)

DAY = datetime(2025, 3, 1, tzinfo=UTC)
ENDED = {State.RESOLVED, State.CLOSED}

cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)
tables = st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=8)


def records(text: str, cuts: Sequence[int], delimiter: str = ",") -> list[Record]:
    """Return the records of a text that comes in pieces."""
    known, begun = Records(delimiter), 0
    found: list[Record] = []
    for cut in sorted({min(cut, len(text)) for cut in cuts}):
        found += known.feed(text[begun:cut])
        begun = cut
    found += known.feed(text[begun:])
    return [*found, *known.end()]


@given(tables, st.lists(st.integers(0, 300)), st.sampled_from(["\n", "\r\n"]))
@example([["a", 'b"', "c\nd"]], [1, 2, 3, 4, 5, 6, 7, 8, 9], "\r\n")
def test_what_a_spreadsheet_writes_is_read_back_wherever_it_is_cut(
    table: list[list[str]], cuts: list[int], ending: str
) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=ending).writerows(table)
    found = records(file.getvalue(), cuts)
    assert [record.cells(",") for record in found] == table
    starts = [record.line for record in found]
    assert starts == sorted(set(starts))


@given(st.integers(0, 5), st.integers(1, 5))
def test_a_stray_quote_costs_its_own_line(before: int, behind: int) -> None:
    text = "".join(f"{n},good\n" for n in range(before))
    text += 'x,"never closed\n' + "".join(f"{n},good\n" for n in range(behind)) + 'y,stray" one\n'
    found = records(text, [7])
    good = [record for record in found if (record.cells(",") or [""])[-1] == "good"]
    assert len(good) == before + behind
    assert [record.line for record in found] == list(range(1, before + behind + 3))


def test_a_quote_that_is_never_closed_does_not_swallow_the_file() -> None:
    text = 'x,"never closed\n' + "1,good\n" * (LONGEST_RECORD // 2)
    found = records(text, list(range(0, len(text), 65_536)))
    assert len(found) == LONGEST_RECORD // 2 + 1
    assert [record.whole for record in found[:2]] == [False, True]


@given(
    st.text(st.characters(codec="gb18030", exclude_characters="\x00\ufeff"), min_size=1),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    st.integers(4, 9),
)
def test_a_text_is_never_read_as_something_that_cannot_be_it(
    text: str, encoding: str, size: int
) -> None:
    content = text.encode(encoding)
    search = EncodingSearch()
    for first in range(0, len(content), size):
        search.show(content[first : first + size])
    found = search.found()
    assert found is not None
    if encoding != "gb18030" or content.decode("utf-8", "replace").count("\ufffd"):
        assert content.decode(found) == text


def row(**times: int | None) -> HistoryRow:
    at = {
        f"{name}_at": None if h is None else DAY + timedelta(hours=h) for name, h in times.items()
    }
    return HistoryRow(
        ref="A-1",
        kind=Kind.REPAIR,
        channel=Channel.PHONE,
        priority=Priority.NORMAL,
        category=(),
        org_unit="B",
        assignee=None,
        subject=None,
        resolution_reason=ResolutionReason.SOLVED,
        close_actor=CloseActor.STAFF,
        **{"created_at": DAY, "first_responded_at": None, "resolved_at": None, "closed_at": None}
        | at,  # type: ignore[arg-type]
    )


happenings = st.sampled_from([one for one in Happening if one is not Happening.ASKED])
logs = st.lists(st.tuples(happenings, st.sampled_from([None, "A", "B"])), max_size=12).map(
    lambda told: [
        HistoryEvent("A-1", DAY + timedelta(hours=hour), happening, unit)
        for hour, (happening, unit) in enumerate(told)
    ]
)
instants = st.one_of(st.none(), st.integers(0, 20))


@given(logs, instants, instants, instants)
def test_a_life_ends_as_its_row_says_and_each_cycle_ends_before_the_next(
    log: list[HistoryEvent], responded: int | None, resolved: int | None, closed: int | None
) -> None:
    known = row(first_responded=responded, resolved=resolved, closed=closed)
    steps = life_of(known, log)
    last = [step for step in steps if step.cycle_no == steps[-1].cycle_no]
    for move, at in ((Move.RESOLVE, known.resolved_at), (Move.CLOSE, known.closed_at)):
        assert [step.at for step in last if step.move is move] == ([] if at is None else [at])
    first = [step.at for step in steps if step.first]
    assert first == ([] if known.first_responded_at is None else [known.first_responded_at])
    if known.resolved_at is None:
        assert not any(step.told for step in steps if step.move is Move.RESOLVE)
    assert (steps[0].move, steps[0].at, steps[0].cycle_no) == (Move.OPEN, DAY, 1)
    assert_cycles(steps)


def assert_cycles(steps: Sequence[Step]) -> None:
    for before, after in pairwise(steps):
        reopened = after.move is Move.REOPEN
        assert after.cycle_no == before.cycle_no + int(reopened)
        if reopened:
            assert before.state in ENDED or before.move is Move.ASSIGN


@given(logs)
def test_reopenings_are_counted_as_the_log_has_them(log: list[HistoryEvent]) -> None:
    states = [
        one.happening for one in log if one.happening not in {Happening.ANSWERED, Happening.IGNORED}
    ]
    ends = {Happening.RESOLVED, Happening.CLOSED}
    wanted = sum(before in ends and after not in ends for before, after in pairwise(states))
    steps = life_of(row(resolved=30, closed=31), log)
    assert sum(step.move is Move.REOPEN for step in steps) == wanted


@pytest.mark.parametrize("asked", [1, 3])
def test_who_asks_again_is_heard_in_the_same_ticket(asked: int) -> None:
    log = [HistoryEvent("A-1", DAY, Happening.ASKED, None)] * asked
    log.append(HistoryEvent("A-1", DAY + timedelta(hours=1), Happening.RESOLVED, None))
    steps = life_of(row(resolved=1), log)
    assert [step.move for step in steps].count(Move.HEAR) == asked - 1
    assert steps[-1].customer_messages == asked
