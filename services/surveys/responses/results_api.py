"""Questionnaires and their results over HTTP, for staff."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from services.surveys.invitations.access import visible
from services.surveys.questionnaires.documents import read_questionnaire
from services.surveys.questionnaires.queries import Version, all_codes, latest_version
from services.surveys.questionnaires.rules import Question
from services.surveys.questionnaires.vocabulary import QuestionType
from services.surveys.responses.queries import count_answers
from services.surveys.responses.result_rules import result_of
from services.surveys.responses.schemas import BilingualOut, QuestionOut
from shared.auth.actor import Actor
from shared.auth.callers import allowed
from shared.auth.rights import Permission
from shared.http.problems import documented
from shared.http.transaction import Transaction

router = APIRouter(
    prefix="/api/v1/questionnaires", tags=["surveys"], responses=documented(401, 403, 404, 422)
)

Reader = Annotated[Actor, Depends(allowed(Permission.SURVEYS_READ))]


class QuestionnaireOut(BaseModel):
    """A questionnaire in its newest version."""

    code: str
    version: int
    published_at: datetime
    title: BilingualOut
    questions: list[QuestionOut]


class Questionnaires(BaseModel):
    """All questionnaires, by their code."""

    data: list[QuestionnaireOut]


class AnswerCount(BaseModel):
    """How often an answer was given, and its share of all."""

    value: int | bool
    n: int
    share: float | None


class QuestionResult(BaseModel):
    """What was answered to a question; mean and deviation are null where there are none."""

    qid: str
    dimension: str
    n: int
    mean: float | None
    deviation: float | None
    counts: list[AnswerCount]


class Results(BaseModel):
    """The results of a questionnaire over all its versions; `n` counts responses."""

    code: str
    n: int
    questions: list[QuestionResult]


@router.get("", operation_id="list_questionnaires")
async def list_questionnaires(session: Transaction, _reader: Reader) -> Questionnaires:
    """List the questionnaires that customers get."""
    found = [await latest_version(session, code) for code in await all_codes(session)]
    return Questionnaires(data=[_out(version) for version in found])


@router.get("/{code}", operation_id="get_questionnaire")
async def get(code: str, session: Transaction, _reader: Reader) -> QuestionnaireOut:
    """Show a questionnaire in its newest version."""
    return _out(await latest_version(session, code))


@router.get("/{code}/results", operation_id="get_questionnaire_results")
async def results(
    code: str,
    session: Transaction,
    reader: Reader,
    since: AwareDatetime | None = None,
    before: AwareDatetime | None = None,
) -> Results:
    """Show how often each answer was given to the reader's units; words stay with the case."""
    version = await latest_version(session, code)
    n, counts = await count_answers(session, code, visible(reader), first=since, before=before)
    form = read_questionnaire(version.document)
    return Results(
        code=code,
        n=n,
        questions=[
            _result(
                question, {count.value: count.n for count in counts if count.qid == question.qid}
            )
            for question in form.questions
            if question.type is not QuestionType.TEXT
        ],
    )


def _result(question: Question, counts: dict[int | bool, int]) -> QuestionResult:
    result = result_of(question, counts)
    return QuestionResult(
        qid=question.qid,
        dimension=question.dimension,
        n=result.n,
        mean=result.mean,
        deviation=result.deviation,
        counts=[AnswerCount.model_validate(one, from_attributes=True) for one in result.tallies],
    )


def _out(version: Version) -> QuestionnaireOut:
    form = read_questionnaire(version.document)
    return QuestionnaireOut(
        code=form.code,
        version=version.number,
        published_at=version.published_at,
        title=BilingualOut.model_validate(form.title, from_attributes=True),
        questions=[QuestionOut.model_validate(q, from_attributes=True) for q in form.questions],
    )
