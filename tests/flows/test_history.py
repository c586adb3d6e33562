"""The history of two help desks, imported through HTTP, gives the figures computed elsewhere.

The expected figures come with the data, made by two other programs; they are not in this
repository, and neither are the data.
"""

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from shared.outbox.tables import outbox
from tests.support.company import Company, found_company
from tests.support.patience import becomes, sooner_or_later
from tests.support.processes import command
from tests.support.real_data import expected, mapping, nearest_rank, real, rows
from tests.support.system import standalone

pytestmark = pytest.mark.timeout(1500)  # 14,000 tickets with their lives, on two busy cores

PRIORITIES = {
    "1 - Critical": "critical",
    "2 - High": "high",
    "3 - Moderate": "normal",
    "4 - Low": "low",
}
INCIDENTS = {"kind": "repair", "from": "2016-01-01", "to": "2017-12-31"}
QUESTIONS = {"kind": "consultation", "from": "2018-01-01", "to": "2019-12-31"}
HOUR = 3600
FOUR_DECIMALS = 0.00005
PATIENCE = 700.0
MANY = 500


@dataclass(frozen=True)
class History:
    """A system that has read both histories."""

    company: Company
    incidents: dict[str, Any]
    questions: dict[str, Any]

    async def figure(self, metric: str, by: str | None = None, **part: Any) -> Any:
        """Return a figure, or its groups."""
        asked = {"metric": metric} | part | ({"by": by} if by else {})
        shown = await self.company.manager.get("/figures", **asked)
        return {one["group"]: one for one in shown["groups"]} if by else shown["figure"]


async def imported(company: Company, name: str, file: str, events: str | None = None) -> Any:
    """Import a file and return what became of it."""
    manager = company.manager
    files = {"file": real(file).read_bytes()}
    files |= {"events": real(events).read_bytes()} if events else {}
    headers = {"Authorization": f"Bearer {manager.token}", "Idempotency-Key": str(uuid4())}
    answer = await manager.client.post(
        "/api/v1/imports", files=files, data={"mapping": mapping(name)}, headers=headers
    )
    assert answer.status_code == 202, answer.text
    path = answer.json()["id"]

    async def state() -> Any:
        return (await manager.get(f"/imports/{path}"))["state"]

    await becomes(state, "done", patience=PATIENCE)
    return await manager.get(f"/imports/{path}")


@pytest.fixture(scope="module")
async def history(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[History]:
    """Run everything in one process and import both histories; all figures are settled then."""
    real("tickets_uci498.csv")
    folder: Path = tmp_path_factory.mktemp("history")
    async with standalone(None, folder, {}) as running:
        company = await found_company(running)
        incidents = await imported(
            company, "uci498", "tickets_uci498.csv", "ticket_events_uci498.csv"
        )
        questions = await imported(company, "cofacts", "zh_queue_cofacts_events.csv")
        known = History(company, incidents, questions)

        async def counted() -> list[int]:
            closed = await known.figure("closed_count", **INCIDENTS)
            answered = await known.figure("first_response_time", **QUESTIONS)
            return [closed["n"], answered["n"], await unpublished(company)]

        await becomes(counted, [9544, 4625, 0], patience=PATIENCE)
        yield known


async def unpublished(company: Company) -> int:
    """Count what others have not heard yet."""
    waiting = select(func.count()).where(outbox.c.published_at.is_(None))
    async with company.running.databases["tickets"].transaction() as session:
        return await session.scalar(waiting) or 0


def hours(seconds: float | None) -> float:
    assert seconds is not None
    return seconds / HOUR


def same(figure: Any, wanted: dict[str, float]) -> None:
    """Say that n and mean are equal, and the percentiles those of the nearest rank."""
    assert figure["n"] == wanted["n"]
    assert hours(figure["value"]) == pytest.approx(wanted["mean"], abs=FOUR_DECIMALS)
    for name, percentile in (("median", "p50"), ("p90", "p90"), ("p95", "p95")):
        shown = figure[name]
        assert shown["exact"]
        assert hours(shown["value"]) == pytest.approx(wanted[percentile], abs=FOUR_DECIMALS)


async def test_every_incident_is_a_ticket_of_its_channel_priority_and_category(
    history: History,
) -> None:
    wanted = expected("tickets_uci498")
    counts = {"created": wanted["n"], "unchanged": 0, "rejected": 0}
    assert history.incidents["counts"] == counts
    assert history.incidents["encodings"] == {"main": "utf-8", "events": "utf-8"}
    assert (await history.figure("ticket_count", **INCIDENTS))["value"] == wanted["n"]
    by_channel = await history.figure("ticket_count", "channel", **INCIDENTS)
    assert {group: one["n"] for group, one in by_channel.items()} == {
        name.lower(): count for name, count in wanted["by_contact_type"].items()
    }
    by_priority = await history.figure("ticket_count", "priority", **INCIDENTS)
    assert {group: one["n"] for group, one in by_priority.items()} == {
        PRIORITIES[name]: count for name, count in wanted["by_priority"].items()
    }
    names = await categories(history)
    by_category = await history.figure("ticket_count", "category_id", **INCIDENTS)
    tops = {names[id]: one["n"] for id, one in by_category.items() if len(names[id]) == 1}
    for name, count in wanted["by_category_top10"].items():
        assert tops[name,] == count
    assert sum(tops.values()) == wanted["n"]
    leaves = Counter((row["category"], row["subcategory"]) for row in rows("tickets_uci498.csv"))
    assert {names[id]: one["n"] for id, one in by_category.items()} == tops | leaves


async def categories(history: History) -> dict[str | None, tuple[str, ...]]:
    """Return the path of names of every category."""
    shown = (await history.company.manager.get("/categories"))["data"]
    known = {one["id"]: one for one in shown}

    def path(one: dict[str, Any]) -> tuple[str, ...]:
        above = known.get(one["parent_id"])
        return (*(path(above) if above else ()), one["name_zh"])

    return {id: path(one) for id, one in known.items()}


@pytest.mark.parametrize(
    ("metric", "times"),
    [
        ("first_response_time", "first_response_hours"),
        ("resolution_time", "resolution_hours"),
        ("closing_time", "close_hours"),
    ],
)
async def test_times_are_those_of_the_rows_whole_by_priority_and_by_group(
    history: History, metric: str, times: str
) -> None:
    nearest = expected("tickets_uci498_nearest_rank")[times]
    plain = expected("tickets_uci498")[times]
    whole = await history.figure(metric, **INCIDENTS)
    same(whole, nearest["all"])
    assert (whole["n"], whole["clamped"]) == (plain["n"], plain.get("negative", 0))
    by_priority = await history.figure(metric, "priority", **INCIDENTS)
    units = (await history.company.manager.get("/org-units"))["data"]
    names = {one["name"]: one["id"] for one in units}
    by_unit = await history.figure(metric, "org_unit_id", **INCIDENTS)
    for name, wanted in nearest.items():
        what, _, which = name.partition(" ")
        if what == "priority":
            same(by_priority[PRIORITIES[which]], wanted)
        elif what == "group":
            same(by_unit[names[which]], wanted)
    assert Counter(name.partition(" ")[0] for name in nearest)["group"] > 30


async def test_the_largest_groups_are_as_fast_as_they_were(history: History) -> None:
    """The expected medians lie between two ranks; ours is the lower of them."""
    units = (await history.company.manager.get("/org-units"))["data"]
    names = {one["name"]: one["id"] for one in units}
    created = await history.figure("ticket_count", "org_unit_id", **INCIDENTS)
    resolved = await history.figure("resolution_time", "org_unit_id", **INCIDENTS)
    for name, wanted in expected("tickets_uci498")["top5_groups"].items():
        assert created[names[name]]["n"] == wanted["n"]
        values = sorted(
            minutes(row["opened_at"], row["resolved_at"]) / 60
            for row in rows("tickets_uci498.csv")
            if row["assignment_group"] == name and row["resolved_at"]
        )
        middle = [nearest_rank(values, 50), values[len(values) // 2]]
        assert sum(middle) / 2 == pytest.approx(wanted["resolution_hours_median"], abs=0.0001)
        shown = hours(resolved[names[name]]["median"]["value"])
        assert shown == pytest.approx(middle[0], abs=FOUR_DECIMALS)


def minutes(start: str, end: str) -> int:
    spent = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return round(spent.total_seconds()) // 60


async def test_limits_were_kept_as_often_as_the_rows_say(history: History) -> None:
    answered = await history.figure("srr", "priority", **INCIDENTS)
    resolved = await history.figure("within_deadline_rate", "priority", **INCIDENTS)
    wanted = expected("tickets_uci498")
    for name, priority in PRIORITIES.items():
        kept = wanted["sla"][name]
        first, last = answered[priority], resolved[priority]
        assert (first["hits"], first["n"]) == (kept["first_response_met"], kept["n"])
        assert first["n"] - first["hits"] == kept["first_response_breached"]
        assert last["hits"] == kept["resolution_met"]
        assert last["n"] - last["hits"] == kept["resolution_breached"]
    total = await history.figure("within_deadline_rate", **INCIDENTS)
    rate = 100 * wanted["sla_total"]["resolution_met_rate_of_resolved"]
    assert total["value"] == pytest.approx(rate, abs=0.005)


async def test_reopened_tickets_are_those_of_the_log(history: History) -> None:
    wanted = expected("tickets_uci498")["reopen"]
    assert (await history.figure("reopened_count", **INCIDENTS))["n"] == wanted["tickets"]
    rate = await history.figure("reopen_rate", **INCIDENTS)
    # one of them has no solution, and the rate is about those that have one
    assert (rate["hits"], rate["n"]) == (wanted["tickets"] - 1, 8791)


async def test_every_day_has_its_openings_closings_and_backlog(history: History) -> None:
    wanted = expected("tickets_uci498")
    for metric, days in (
        ("ticket_count", "opened_per_day_first14"),
        ("closed_count", "closed_per_day_same_days"),
        ("backlog", "backlog_end_of_day"),
    ):
        period = {"kind": "repair", "from": min(wanted[days]), "to": max(wanted[days])}
        shown = await history.figure(metric, "day", **period)
        assert {one["first"]: one["value"] for one in shown.values()} == wanted[days]


async def test_a_queue_of_questions_gives_its_figures(history: History) -> None:
    """Of the expected ones those that are about tickets; ratings are no answers of a survey."""
    wanted = expected("zh_queue_cofacts")
    assert history.questions["counts"]["created"] == wanted["tickets"]
    spent = first_answers()
    times = sorted(int(one.total_seconds()) for one in spent.values())
    figure = await history.figure("first_response_time", **QUESTIONS)
    assert figure["n"] == wanted["first_response_hours"]["n"] == len(times)
    assert figure["open_n"] == wanted["unanswered"]
    assert figure["value"] == pytest.approx(sum(times) / len(times))
    # whole seconds are counted, so a mean may be a second below that of the fractions
    assert 0 <= wanted["first_response_hours"]["mean"] - hours(figure["value"]) < 1 / HOUR
    for name, per_cent in (("median", 50), ("p90", 90), ("p95", 95)):
        assert figure[name]["value"] == nearest_rank(times, per_cent)
    by_month = await history.figure("ticket_count", "month", **QUESTIONS)
    shown = {one["first"][:7]: one["n"] for one in by_month.values() if one["n"]}
    assert shown == local_months()
    a_day = await history.figure("srr", **QUESTIONS)
    share = wanted["within_hours_share"]["24"]
    assert a_day["n"] == wanted["tickets"]
    assert a_day["hits"] / a_day["n"] == pytest.approx(share, abs=0.0000005)


async def test_the_command_brings_a_file_and_says_line_by_line_what_is_wrong(
    history: History, tmp_path: Path
) -> None:
    running = history.company.running
    settings = {"PORT": str(running.client.base_url.port)}
    folder = running.processes["run"].folder
    meaning = json.loads(mapping("uci498_raw"))
    meaning["constants"] = {"kind": "field_job"}  # beside what the other tests count
    (tmp_path / "mapping.json").write_text(json.dumps(meaning), encoding="utf-8")
    file = str(real("dirty/incidents_raw_slice.csv"))
    words = ("import", file, "--mapping", str(tmp_path / "mapping.json"))
    for counts in ("55 created, 0 unchanged, 245", "0 created, 55 unchanged, 245"):
        done = await command(*words, folder=folder, settings=settings)
        assert f"{counts} rejected (main: utf-8)." in done.out, done.err
        assert "ref_repeated" in done.out

    async def counted() -> int:
        shown = await history.figure("ticket_count", **INCIDENTS | {"kind": "field_job"})
        return int(shown["n"])

    await becomes(counted, 55)
    (tmp_path / "mapping.json").write_text(mapping("cofacts"), encoding="utf-8")
    wrong = await command(*words, folder=folder, settings=settings)
    assert (wrong.code, wrong.out.count("\n")) == (1, 1)
    assert "column_missing (event, ticket, ts)" in wrong.err


def first_answers() -> dict[str, timedelta]:
    """Return how long each question of the queue waited for its first answer."""
    asked: dict[str, datetime] = {}
    answered: dict[str, datetime] = {}
    for row in rows("zh_queue_cofacts_events.csv"):
        at, found = datetime.fromisoformat(row["ts"]), {"request": asked, "reply": answered}
        if (first := found.get(row["event"])) is not None:
            first[row["ticket"]] = min(at, first.get(row["ticket"], at))
    return {ticket: at - asked[ticket] for ticket, at in answered.items()}


def local_months() -> dict[str, int]:
    """Return the questions by month of the installation's zone; the expected ones are in UTC."""
    first: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in rows("zh_queue_cofacts_events.csv"):
        if row["event"] == "request":
            first[row["ticket"]].append(datetime.fromisoformat(row["ts"]))
    utc = Counter(f"{min(times):%Y-%m}" for times in first.values())
    months = expected("zh_queue_cofacts")["by_month"]
    assert utc == {month: one["tickets"] for month, one in months.items()}
    east = timedelta(hours=8)
    return dict(Counter(f"{min(times) + east:%Y-%m}" for times in first.values()))


async def test_nobody_is_told_or_asked_about_the_past(history: History) -> None:
    company = history.company
    assert company.running.mails.taken == []
    letters = select(func.count()).where(outbox.c.recipient.is_not(None))
    async with company.running.databases["tickets"].transaction() as session:
        assert await session.scalar(letters) == 0

    async def decided() -> Any:
        """Return the books when many closings are decided; all of them take minutes."""
        period = {"from": "2016-01-01", "to": "2017-12-31"}
        shown = await company.manager.get("/books", **period)
        return shown if shown["suppressed"] > MANY else None

    books = await sooner_or_later(decided, patience=PATIENCE)
    assert books["invited"] == 0
    assert books["closed"] in {9546, 9546 + 55}  # two were closed twice; the command brought 55
    invitations = (await company.manager.get("/invitations"))["data"]
    assert {one["reason"] for one in invitations} == {"imported"}
