"""`careloop simulate` against a really started system: what is true holds, what is not is seen."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careloop.simulation.record import Ending, Record
from careloop.simulation.texts import Complaint, read_complaints
from careloop.simulation.verify import Check
from tests.standalone.started import Started, started

OWN = (
    "表具坏了三天,没有人上门。",
    "Nobody came on Tuesday, nor on Wednesday.",
    "ما جاء أحد لإصلاح العداد \u202e أمس",
    "等了一上午 😤👨‍👩‍👧‍👦🏳️‍🌈",
    "nul\x00inside",
    "half \ud83d a pair",
    "<script>alert('x')</script>'; DROP TABLE tickets; --",
    "长" * 30_000,
    "\u200b\u2060\ufeff",
    "e\u0301 é ﬁ ｆｕｌｌ",
    "第一行\r\n第二行\t制表",
    "{{ 7*7 }} %s %n ${HOME}",
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("simulated")) as running:
        yield running


def complaints(folder: Path) -> Path:
    path = folder / "complaints.jsonl"
    rows = (json.dumps({"text": text}) for text in OWN)
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def rows_of(table: str) -> dict[str, tuple[str, str, str]]:
    """Return the printed checks: by name, what was expected, found, and judged."""
    cells = [[c.strip() for c in line.split("│")[1:-1]] for line in table.splitlines()]
    return {row[0]: (row[1], row[2], row[3]) for row in cells if len(row) == 4}


def test_what_people_wrote_is_kept_and_every_figure_agrees(system: Started, tmp_path: Path) -> None:
    said = system.careloop("simulate", "--complaints", str(complaints(tmp_path)), "--count", "0")
    assert said.returncode == 0, said.stdout + said.stderr
    checks = rows_of(said.stdout)
    assert {judged for _, _, judged in checks.values()} == {"ok"}
    assert len(checks) == 12
    # 12 texts: a NUL, half a pair and an overlong one are refused, and nothing else
    refused = sum(any(c in text for c in "\x00\ud83d") or len(text) > 20_000 for text in OWN)
    assert refused == 3
    assert checks["closed cycles"][:2] == (str(12 - refused), str(12 - refused))
    assert f"'refused': {refused}" in said.stdout


LOSE = "RETURN NULL"
"""A trigger that says this lets a row be forgotten."""


@contextmanager
def meddling(system: Started, service: str, table: str, when: str, then: str) -> Iterator[None]:
    """Let the database of a service do something to rows that it ought to keep."""
    begin = f"""
        CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN IF {when} THEN {then}; END IF; RETURN NEW; END $$;
        CREATE TRIGGER meddle BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION meddle();
    """
    system.execute(service, begin)
    try:
        yield
    finally:
        system.execute(service, "DROP FUNCTION meddle CASCADE")


@pytest.mark.parametrize(
    ("service", "table", "when", "then", "wrong"),
    [
        pytest.param(
            "surveys",
            "outbox",
            "NEW.type = 'survey.completed'",
            LOSE,
            {"completed", "still open", "answers counted"}
            | {"CSAT score", "satisfaction rate", "NPS"},
            id="answers that nobody hears of",
        ),
        pytest.param(
            "surveys",
            "outbox",
            "NEW.type IN ('survey.invited', 'survey.completed')",
            LOSE,
            {"invitations", "completed", "differences in the books"}
            | {"answers counted", "CSAT score", "satisfaction rate", "NPS"},
            id="invitations that nobody hears of",
        ),
        pytest.param(
            "reporting",
            "events.event_log",
            "NEW.type = 'survey.completed'",
            """NEW.data := NEW.data || '{"satisfaction": 3}'""",
            {"CSAT score", "satisfaction rate"},
            id="answers that are heard wrongly",
        ),
    ],
)
def test_a_system_that_loses_or_bends_something_is_found_out(
    system: Started,
    tmp_path: Path,
    *,
    service: str,
    table: str,
    when: str,
    then: str,
    wrong: set[str],
) -> None:
    path = tmp_path / "few.csv"
    path.write_text("text,label\n好,1\n坏,0\n好,1\n", encoding="utf-8")
    with meddling(system, service, table, when, then):
        said = system.careloop("simulate", f"--complaints={path}", "--count=3", "--patience=4")
    assert said.returncode == 1, said.stdout + said.stderr
    judged = {name: judged for name, (_, _, judged) in rows_of(said.stdout).items()}
    assert {name for name, verdict in judged.items() if verdict != "ok"} == wrong


def test_where_nothing_runs_one_sentence_says_so(system: Started, tmp_path: Path) -> None:
    nowhere = Started(tmp_path, 9)
    said = nowhere.careloop("simulate", "--complaints", str(complaints(tmp_path)))
    assert said.returncode == 1
    assert len(said.stderr.splitlines()) == 1
    assert "make run" in said.stderr


@pytest.mark.timeout(600)  # 261 strings at the rate that two busy cores carry
def test_naughty_strings_are_kept_or_refused(system: Started) -> None:
    folder = os.environ.get("CARELOOP_TEST_DATA")
    if not folder:
        pytest.skip("CARELOOP_TEST_DATA names no folder with naughty_strings.jsonl")
    path = Path(folder) / "naughty_strings.jsonl"
    said = system.careloop("simulate", f"--complaints={path}", "--count=0", "--rate=20")
    assert said.returncode == 0, said.stdout + said.stderr
    assert {judged for _, _, judged in rows_of(said.stdout).values()} == {"ok"}


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 10)), max_size=60))
def test_our_own_book_reckons_as_one_does_by_hand(answers: list[tuple[int, int]]) -> None:
    record = Record(
        satisfaction=[level for level, _ in answers], recommend=[given for _, given in answers]
    )
    if not answers:
        assert (record.csat(), record.content(), record.nps()) == (None, None, None)
        return
    n = len(answers)
    levels = [sum(1 for level, _ in answers if level == of) for of in range(1, 6)]
    in_all = 20 * levels[0] + 40 * levels[1] + 60 * levels[2] + 80 * levels[3] + 100 * levels[4]
    promoters = sum(1 for _, given in answers if given in (9, 10))
    detractors = sum(1 for _, given in answers if given not in (7, 8, 9, 10))
    assert record.csat() == pytest.approx(in_all / n)
    assert record.content() == pytest.approx((levels[3] + levels[4]) / n * 100)
    assert record.nps() == pytest.approx(promoters / n * 100 - detractors / n * 100)


@given(st.lists(st.sampled_from(list(Ending)), max_size=60))
def test_what_was_refused_is_no_closing(endings: list[Ending]) -> None:
    record = Record()
    for ending in endings:
        record.endings[ending] += 1
    kept = [ending for ending in endings if ending != "refused"]
    assert record.closings == len(kept)
    assert record.suppressed == kept.count(Ending.SPAM)
    assert record.answered == kept.count(Ending.ANSWERED)


def test_a_check_without_a_figure_holds_only_when_there_is_none() -> None:
    assert Check("NPS", None, None).holds
    assert not Check("NPS", None, 0).holds
    assert not Check("NPS", 0, None).holds
    assert not Check("NPS", 33.3333, 33.3334).holds


def test_rows_repeat_until_there_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text('text,label\n"好,很好",1\n差,0\n', encoding="utf-8")
    good, bad = Complaint("好,很好", 1), Complaint("差", 0)
    assert read_complaints(path, 3) == [good, bad, good]
    assert read_complaints(path, 0) == [good, bad]
    path.write_text("text,label\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no rows"):
        read_complaints(path, 1)
