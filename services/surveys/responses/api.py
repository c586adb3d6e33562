"""The JSON form of a survey: for whoever has its link, without signing in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from services.surveys.questionnaires.rules import is_low
from services.surveys.responses.schemas import (
    CallbackIn,
    CallbackOut,
    ResponseIn,
    ResponseOut,
    SurveyOut,
    survey_out,
)
from services.surveys.responses.submit_response import (
    ask_for_call,
    find_survey,
    note_opening,
    submit_response,
)
from shared.clock import utcnow
from shared.http.problems import documented
from shared.http.rates import count_answer
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/public/surveys/{token}",
    tags=["survey of the customer"],
    responses=documented(400, 404, 409, 422),
)

Token = Annotated[str, Path(max_length=100, description="From the link: /s/{token}")]


@router.get("", operation_id="get_survey")
async def get(token: Token, session: Transaction) -> SurveyOut:
    """Show what is asked; looking changes nothing."""
    return survey_out(await find_survey(session, token, now=utcnow()))


@router.post(
    "/opened",
    status_code=204,
    operation_id="note_survey_opened",
    dependencies=[Depends(count_answer)],
)
async def opened(token: Token, session: Transaction) -> None:
    """Say that a person opened it; link scanners do not post."""
    await note_opening(session, token, now=utcnow())


@router.post(
    "", status_code=201, operation_id="submit_survey", dependencies=[Depends(count_answer)]
)
async def submit(
    token: Token, body: ResponseIn, session: Transaction, request: Request
) -> ResponseOut:
    """Answer once; a second answer is refused and changes nothing."""
    scores = await submit_response(
        session,
        request.app.state.vault,
        token,
        body.answers,
        language=body.language,
        now=utcnow(),
    )
    return ResponseOut(completed=True, callback_offered=is_low(scores))


@router.post("/callback", operation_id="ask_for_call", dependencies=[Depends(count_answer)])
async def callback(token: Token, body: CallbackIn, session: Transaction) -> CallbackOut:
    """Ask to be called, after an answer that says that we let the customer down."""
    await ask_for_call(session, token, body.time, now=utcnow())
    return CallbackOut(time=body.time)
