"""Gather what the dashboard shows; a part that cannot be computed does not take the page along."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

from services.reporting.books.queries import books
from services.reporting.dashboard.case_queries import cases_in_sight
from services.reporting.dashboard.filters import filters_of
from services.reporting.dashboard.span_rules import Span, grain_of, recent
from services.reporting.dashboard.view import (
    DashboardView,
    Grain,
    Language,
    Target,
    Tile,
    Trend,
    TrendPoint,
)
from services.reporting.directory.queries import categories, units
from services.reporting.facts.queries import has_demo_data
from services.reporting.figures.answer import Answer, answer, answers
from services.reporting.figures.period_rules import end_of, start_of
from services.reporting.figures.registry import METRICS
from services.reporting.figures.scope import Scope
from services.reporting.figures.target_queries import all_targets
from shared.database import Session

TILES: Final = (
    "csat_score",
    "satisfaction_rate",
    "nps",
    "survey_response_rate",
    "complaint_count",
    "first_response_time",
    "resolution_time",
    "recovery_rate",
)
RATES: Final = ("feedback_24h_rate", "feedback_48h_rate")
TRENDS: Final = ("satisfaction_rate", "first_response_time")

Part = TypeVar("Part")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shown:
    """A metric's answers: now, the period before, and its recent pieces, oldest first."""

    code: str
    now: Answer | None
    before: Answer | None
    pieces: Sequence[Answer]


async def show_dashboard(
    session: Session, scope: Scope, *, span: Span, language: Language, organisation: str
) -> DashboardView:
    """Return the page's content for a period and a part of the figures."""
    shown = {code: await _shown(session, scope, code) for code in TILES}
    rates = {code: await _now(session, scope, code) for code in RATES}
    targets = {code: Target(one.value) for code, one in (await all_targets(session)).items()}
    known = [one.now for one in shown.values() if one.now is not None]
    return DashboardView(
        organisation=organisation,
        language=language,
        first=scope.period.first,
        last=scope.period.last,
        as_of=scope.as_of.astimezone(scope.zone),
        provisional=any(one.provisional for one in known),
        filters=filters_of(scope, span, language, await units(session), await categories(session)),
        tiles=tuple(_tile(shown[code], targets.get(code)) for code in TILES),
        trends=tuple(_trend(scope, shown[code], targets.get(code)) for code in TRENDS),
        cases=await _or_none(
            session,
            lambda: cases_in_sight(session, scope.part, scope.units, scope.as_of),
            "cases",
        ),
        rates=tuple(_rate(code, rates[code], targets.get(code)) for code in RATES),
        books=await _or_none(
            session, lambda: books(session, scope.period, scope.part, scope.units), "books"
        ),
        demo=await has_demo_data(session),
    )


async def _shown(session: Session, scope: Scope, code: str) -> Shown:
    asked = scope.question(METRICS[code])
    by = grain_of(scope.period)
    pieces = replace(asked, period=recent(scope.period, asked.today), by=by)
    before = replace(asked, period=scope.period.before)
    return Shown(
        code,
        await _now(session, scope, code),
        await _or_none(session, lambda: answer(session, before), code),
        await _or_none(session, lambda: answers(session, pieces), code) or (),
    )


async def _now(session: Session, scope: Scope, code: str) -> Answer | None:
    asked = scope.question(METRICS[code])
    return await _or_none(session, lambda: answer(session, asked), code)


async def _or_none(
    session: Session, compute: Callable[[], Awaitable[Part]], name: str
) -> Part | None:
    """Return a part of the page, or None when the database cannot give it just now."""
    try:
        async with session.begin_nested():
            return await compute()
    except DBAPIError as error:
        log.warning("dashboard_part_failed", part=name, error=type(error).__name__)
        return None


def _tile(shown: Shown, target: Target | None) -> Tile:
    return Tile(
        METRICS[shown.code],
        shown.now.figure if shown.now else None,
        shown.before.figure if shown.before else None,
        target,
        tuple(piece.figure.value for piece in shown.pieces),
    )


def _rate(code: str, now: Answer | None, target: Target | None) -> Tile:
    return Tile(METRICS[code], now.figure if now else None, target=target)


def _trend(scope: Scope, shown: Shown, target: Target | None) -> Trend:
    by = grain_of(scope.period)
    asked = scope.question(METRICS[shown.code])
    points = tuple(
        TrendPoint(
            piece.period.first,
            piece.figure,
            closed=end_of(start_of(piece.period.first, by), by) < asked.today,
        )
        for piece in shown.pieces
    )
    return Trend(METRICS[shown.code], Grain(by.value), points, target)
