"""Open loop cases in words: what is left of their two clocks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.reporting.dashboard.case_rules import Clock, ClockState, OpenCase, OpenCases
from services.reporting.dashboard.case_words import CASE_WORDS
from services.reporting.dashboard.formats import DAY, day_name, duration_scale, said
from services.reporting.dashboard.labels import KINDS
from services.reporting.dashboard.view import Language
from services.reporting.figures.metric_rules import Bilingual

ID_SHOWN: Final = 8
"""The end of an id: ids begin with the time and would look all alike."""


@dataclass(frozen=True, slots=True)
class ClockText:
    """`due` says when the limit ends, or ended."""

    text: str
    state: ClockState
    due: str


@dataclass(frozen=True, slots=True)
class CaseText:
    id: UUID
    ticket_id: UUID
    short: str
    unit: str
    kind: str
    level: int
    contact: ClockText
    result: ClockText


@dataclass(frozen=True, slots=True)
class CasesText:
    """`more` says how many of them are listed, when not all are."""

    total: str
    overdue: str
    more: str
    rows: tuple[CaseText, ...]


def cases_text(cases: OpenCases, as_of: datetime, language: Language) -> CasesText:
    """Return what the table of cases says."""
    words = {key: said(text, language) for key, text in CASE_WORDS.items()}
    listed = len(cases.rows)
    return CasesText(
        total=words["cases_open"].format(f"{cases.total:,}"),
        overdue=words["cases_overdue"].format(f"{cases.overdue:,}") if cases.overdue else "",
        more=words["cases_more"].format(listed) if listed < cases.total else "",
        rows=tuple(_case(one, as_of, language) for one in cases.rows),
    )


def _case(case: OpenCase, as_of: datetime, language: Language) -> CaseText:
    return CaseText(
        id=case.id,
        ticket_id=case.ticket_id,
        short=case.id.hex[-ID_SHOWN:],
        unit=case.unit or "–",
        kind=said(KINDS.get(case.kind, Bilingual(case.kind, case.kind)), language),
        level=case.level,
        contact=clock_text(case.contact, as_of, language),
        result=clock_text(case.result, as_of, language),
    )


def clock_text(clock: Clock, as_of: datetime, language: Language) -> ClockText:
    """Return what is left of a clock, since when it is over, or how it was stopped."""
    left = clock.seconds_left(as_of)
    state = clock.state(as_of)
    amount = duration_scale(abs(left), language).full(abs(left))
    at = clock.due_at.astimezone(as_of.tzinfo)
    day = (
        f"{day_name(at.date(), language)} " if abs((at - as_of).total_seconds()) < 300 * DAY else ""
    )
    due = said(CASE_WORDS["due"], language).format(f"{day}{at:%H:%M}")
    return ClockText(said(CASE_WORDS[state], language).format(amount), state, due)
