"""The survey on the phone: /s/{token}, with script and without."""

from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.surveys.questionnaires.vocabulary import Language
from services.surveys.responses.pages.assets import PAGE_HEADERS, asset
from services.surveys.responses.pages.form import read_answers, read_callback
from services.surveys.responses.pages.language import chosen_language
from services.surveys.responses.pages.page import (
    render_away,
    render_not_found,
    render_survey,
    render_thanks,
    render_trouble,
)
from services.surveys.responses.pages.stationery import Stationery
from services.surveys.responses.pages.view import (
    AwayView,
    NotFoundView,
    SurveyView,
    ThanksView,
    TroubleView,
)
from services.surveys.responses.submit_response import (
    AnswersInvalidError,
    OpenSurvey,
    ask_for_call,
    find_survey,
    note_opening,
    submit_response,
)
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.database import Database
from shared.errors import ConflictError, NotFoundError
from shared.http.assets import sent
from shared.http.rates import count_answer
from shared.trouble import is_away

router = APIRouter(prefix="/s", include_in_schema=False)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody with a link, and what his page is made of."""

    token: str
    language: Language
    stationery: Stationery
    database: Database
    vault: Vault

    @property
    def address(self) -> str:
        """Return the link's path."""
        return f"/s/{self.token}"

    @property
    def company(self) -> str:
        """Return the organisation's name in the visitor's language."""
        return self.stationery.companies[self.language]


def visit(
    request: Request, token: str, lang: Annotated[str | None, Query(max_length=20)] = None
) -> Visit:
    """Return who visits."""
    state = request.app.state
    language = chosen_language(lang, request.headers.get("accept-language"))
    return Visit(token, language, state.stationery, state.database, state.vault)


Visitor = Annotated[Visit, Depends(visit)]


@router.get("/assets/{name}")
async def get_asset(name: str, request: Request) -> Response:
    """Send a file of the pages; its version is in its address, so browsers keep it."""
    file = asset(name)
    if file is None:
        return Response(status_code=404)
    return sent(request, file)


@router.get("/{token}")
async def show(visitor: Visitor) -> Response:
    """Show the form, or thanks for an answer; looking changes nothing."""
    try:
        async with visitor.database.transaction() as session:
            found = await find_survey(session, visitor.token, now=utcnow())
    except NotFoundError:
        return _not_found(visitor)
    except Exception as error:  # noqa: BLE001 - a person gets a page, whatever it is
        return _away(visitor, error)
    return _thanks(visitor, found) if found.given else _form(visitor, found)


@router.post("/{token}", dependencies=[Depends(count_answer)])
async def submit(visitor: Visitor, request: Request) -> Response:
    """Take the form; what cannot be taken comes back with everything that was typed."""
    fields = await _fields(request)
    try:
        return await _submit(visitor, fields)
    except NotFoundError:
        return _not_found(visitor)
    except ConflictError:
        return RedirectResponse(_localised(visitor), 303, headers=dict(PAGE_HEADERS))
    except Exception as error:  # noqa: BLE001 - whatever it is, what was typed is kept
        view = TroubleView(visitor.company, visitor.language, visitor.address, tuple(fields))
        return _html(render_trouble(view), _status_of(error))


@router.post("/{token}/opened", dependencies=[Depends(count_answer)])
async def opened(visitor: Visitor) -> Response:
    """Note that a person opened the page; a scanner of links runs no script."""
    try:
        async with visitor.database.transaction() as session:
            await note_opening(session, visitor.token, now=utcnow())
    except NotFoundError:
        return _not_found(visitor)
    return Response(status_code=204)


@router.post("/{token}/callback", dependencies=[Depends(count_answer)])
async def callback(visitor: Visitor, request: Request) -> Response:
    """Note when the customer would like to be called."""
    time = read_callback(await _fields(request))
    try:
        async with visitor.database.transaction() as session:
            if time is None:
                found = await find_survey(session, visitor.token, now=utcnow())
                return _thanks(visitor, found, unticked=True)
            await ask_for_call(session, visitor.token, time, now=utcnow())
    except NotFoundError:
        return _not_found(visitor)
    except ConflictError:
        pass  # nothing was offered: his page says what there is
    except Exception as error:  # noqa: BLE001 - a person gets a page, whatever it is
        return _away(visitor, error)
    return RedirectResponse(_localised(visitor), 303, headers=dict(PAGE_HEADERS))


async def _submit(visitor: Visit, fields: list[tuple[str, str]]) -> Response:
    async with visitor.database.transaction() as session:
        found = await find_survey(session, visitor.token, now=utcnow())
        answers = read_answers(found.questionnaire, fields)
        try:
            await submit_response(
                session,
                visitor.vault,
                visitor.token,
                answers,
                language=visitor.language,
                now=utcnow(),
            )
        except AnswersInvalidError as error:
            view = replace(_view(visitor, found), answers=answers, problems=error.problems)
            return _html(render_survey(view), 422)
    return RedirectResponse(_localised(visitor), 303, headers=dict(PAGE_HEADERS))


async def _fields(request: Request) -> list[tuple[str, str]]:
    body = (await request.body()).decode("utf-8", errors="replace")
    return parse_qsl(body, keep_blank_values=True)


def _form(visitor: Visit, found: OpenSurvey) -> Response:
    return _html(render_survey(_view(visitor, found)))


def _view(visitor: Visit, found: OpenSurvey) -> SurveyView:
    return SurveyView(
        company=visitor.company,
        language=visitor.language,
        address=visitor.address,
        questionnaire=found.questionnaire,
        closed_on=visitor.stationery.day_of(found.invitation.closed_at),
    )


def _thanks(visitor: Visit, found: OpenSurvey, *, unticked: bool = False) -> Response:
    given = found.given
    view = ThanksView(
        company=visitor.company,
        language=visitor.language,
        address=visitor.address,
        low=given is not None and given.low,
        callback_time=given.callback_time if given else None,
        callback_unticked=unticked,
    )
    return _html(render_thanks(view), 422 if unticked else 200)


def _not_found(visitor: Visit) -> Response:
    return _html(render_not_found(NotFoundView(visitor.company, visitor.language)), 404)


def _away(visitor: Visit, error: Exception) -> Response:
    view = AwayView(visitor.company, visitor.language, visitor.address)
    return _html(render_away(view), _status_of(error))


def _status_of(error: Exception) -> int:
    """Return 503 when the database is away; whatever else happened is our fault, and logged."""
    if is_away(error):
        return 503
    log.error("unforeseen_error", exc_info=error)
    return 500


def _localised(visitor: Visit) -> str:
    return f"{visitor.address}?lang={visitor.language}"


def _html(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status, headers=dict(PAGE_HEADERS))
