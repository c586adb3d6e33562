"""A survey as a front-end of the customer's sees it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, JsonValue

from services.surveys.questionnaires.vocabulary import Language, Metric, QuestionType
from services.surveys.responses.submit_response import OpenSurvey
from services.surveys.responses.vocabulary import CallbackTime
from shared.texts import RequestModel, example


class BilingualOut(BaseModel):
    """The same said in Chinese and in English."""

    zh: str
    en: str


class QuestionOut(BaseModel):
    """One question; `labels` name the levels, yes and no, or the two ends of 0 to 10."""

    qid: str
    type: QuestionType
    text: BilingualOut
    help: BilingualOut | None
    required: bool
    metric: Metric | None
    labels: list[BilingualOut]
    max_length: int | None


class SurveyOut(BaseModel):
    """What is asked; `answered` when the link was used before."""

    questionnaire: str
    title: BilingualOut
    minutes: int
    closed_at: datetime
    expires_at: datetime | None
    answered: bool
    questions: list[QuestionOut]


class ResponseIn(RequestModel):
    """Answers by qid: a level, true or false, 0 to 10, or words."""

    model_config = example(
        answers={
            "result": 2,
            "solved": False,
            "recommend": 4,
            "comment": "换了表，但是等了两个星期。",
        },
        language="zh",
    )

    answers: Annotated[dict[str, JsonValue], Field(max_length=100)]
    language: Language = Language.ZH


class ResponseOut(BaseModel):
    """The answer was taken; a call is offered to whom we let down."""

    completed: bool
    callback_offered: bool


class CallbackIn(RequestModel):
    """When the customer would like to be called."""

    model_config = example(time="evening")

    time: CallbackTime = CallbackTime.ANY_TIME


class CallbackOut(BaseModel):
    """The wish was noted."""

    time: CallbackTime


def survey_out(found: OpenSurvey) -> SurveyOut:
    """Return a survey as it is shown."""
    form = found.questionnaire
    return SurveyOut(
        questionnaire=form.code,
        title=_said(form.title),
        minutes=form.minutes,
        closed_at=found.invitation.closed_at,
        expires_at=found.invitation.expires_at,
        answered=found.given is not None,
        questions=[
            QuestionOut.model_validate(question, from_attributes=True)
            for question in form.questions
        ],
    )


def _said(text: Any) -> BilingualOut:
    return BilingualOut.model_validate(text, from_attributes=True)
