"""The dashboard's door: one page and its files."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from services.reporting.dashboard.assets import CONTENT_SECURITY_POLICY, asset
from services.reporting.dashboard.page import render_dashboard, render_refusal
from services.reporting.dashboard.show import show_dashboard
from services.reporting.dashboard.signed_in import page_reader
from services.reporting.dashboard.span_rules import Span, period_of_span
from services.reporting.dashboard.view import Language
from services.reporting.facts.freshness import freshness
from services.reporting.facts.rules import day_of
from services.reporting.figures.scope import AskedPart, Scope, units_seen
from shared.auth.actor import Actor
from shared.auth.rights import Permission, reach_of
from shared.clock import utcnow
from shared.http.assets import sent
from shared.http.problems import ProblemError, documented, language_of
from shared.http.transaction import Transaction

router = APIRouter(tags=["pages"], responses=documented(404, 422))

Reader = Annotated[Actor, Depends(page_reader)]


@router.get(
    "/dashboard",
    operation_id="show_dashboard",
    response_class=HTMLResponse,
    responses={
        303: {"description": "To the sign-in"},
        403: {
            "description": "A page that says so: the role sees no figures",
            "content": {"text/html": {"schema": {"type": "string"}}},
        },
    },
)
async def dashboard(
    request: Request,
    session: Transaction,
    reader: Reader,
    part: AskedPart,
    period: Annotated[Span, Query()] = Span.LAST_30_DAYS,
    lang: Annotated[Language | None, Query()] = None,
) -> HTMLResponse:
    """Show the figures as a page; its filters are its address."""
    state = request.app.state
    language = lang or Language(language_of(request.headers.get("accept-language")))
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Cache-Control": "no-store",
        "Content-Language": language,
    }
    if reach_of(reader, Permission.FIGURES_READ) is None:
        return HTMLResponse(render_refusal(language, state.organisation[language]), 403, headers)
    fresh = await freshness(session, now=utcnow())
    view = await show_dashboard(
        session,
        Scope(
            period_of_span(period, day_of(fresh.as_of, state.zone)),
            part,
            units_seen(reader),
            fresh.as_of,
            state.zone,
            fresh.narrow,
        ),
        span=period,
        language=language,
        organisation=state.organisation[language],
    )
    return HTMLResponse(render_dashboard(view), headers=headers)


@router.get("/dashboard-assets/{name}", include_in_schema=False)
async def file(name: str, request: Request) -> Response:
    """Give a file of the page."""
    found = asset(name)
    if found is None:
        raise ProblemError(404, "not_found", "There is no such file.")
    return sent(request, found)
