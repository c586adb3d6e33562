"""Figures over HTTP: what is measured, how much it is, and which rows it is made of."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from services.reporting.facts.freshness import freshness
from services.reporting.figures.answer import answer, answers
from services.reporting.figures.question_rules import Question
from services.reporting.figures.registry import METRICS
from services.reporting.figures.row_queries import CountedRow, counted_rows
from services.reporting.figures.schemas import (
    ExplainOut,
    FiguresOut,
    FreshnessOut,
    MetricCode,
    MetricsOut,
    figure_out,
    freshness_out,
    metric_out,
    reaching,
    row_out,
    words,
)
from services.reporting.figures.scope import AskedScope, Reader
from services.reporting.figures.target_queries import all_targets
from services.reporting.figures.vocabulary import By
from shared.clock import utcnow
from shared.errors import InvalidError
from shared.http.cursors import Cursor, Limit, keyset, page
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(tags=["figures"], responses=documented(400, 401, 403, 422))


@router.get("/api/v1/metrics", operation_id="list_metrics")
async def list_metrics(_reader: Reader) -> MetricsOut:
    """List what is measured, with the definition of each metric."""
    return MetricsOut(data=[metric_out(metric) for metric in METRICS.values()])


@router.get("/api/v1/figures/freshness", operation_id="get_freshness")
async def get_freshness(session: Transaction, _reader: Reader) -> FreshnessOut:
    """Show up to when everything that was heard is counted."""
    return freshness_out(await freshness(session, now=utcnow()))


async def asked_question(metric: MetricCode, scope: AskedScope) -> Question:
    """Return what a request asks for, within what the reader may see."""
    if metric not in METRICS:
        raise InvalidError("unknown_metric", "GET /api/v1/metrics lists those that there are.")
    return scope.question(METRICS[metric])


Asked = Annotated[Question, Depends(asked_question)]


@router.get("/api/v1/figures", operation_id="get_figures")
async def get_figures(session: Transaction, asked: Asked, by: By | None = None) -> FiguresOut:
    """Show a metric for a period, for the period before, and divided by one dimension or time."""
    before = replace(asked, period=asked.period.before)
    year_before = replace(asked, period=asked.period.year_before)
    fresh = await freshness(session, now=asked.as_of)
    whole, targets = await answer(session, asked), await all_targets(session)
    return FiguresOut(
        metric=asked.metric.code,
        version=asked.metric.version,
        unit=asked.metric.unit,
        as_of=asked.as_of,
        last_event_at=fresh.last_event_at,
        by=by,
        figure=figure_out(whole),
        target=reaching(asked.metric, whole.figure, targets.get(asked.metric.code)),
        previous=figure_out(await answer(session, before)),
        year_before=figure_out(await answer(session, year_before)),
        groups=[figure_out(one) for one in await answers(session, replace(asked, by=by))],
    )


@router.get("/api/v1/figures/explain", operation_id="explain_figure")
async def explain(
    request: Request,
    response: Response,
    session: Transaction,
    asked: Asked,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ExplainOut:
    """Show how a figure is defined and page by page every row that it counts."""
    after = keyset(request).read(cursor)
    rows = await counted_rows(
        session,
        asked,
        after=None if after is None else (after[0].date(), after[1]),
        limit=limit + 1,
    )
    return ExplainOut(
        metric=asked.metric.code,
        version=asked.metric.version,
        as_of=asked.as_of,
        definition=words(asked.metric.definition),
        method=asked.metric.method,
        **page(request, response, rows, limit, at=_at, out=row_out),
    )


def _at(row: CountedRow) -> tuple[datetime, UUID]:
    return datetime.combine(row.day, time(), UTC), row.id
