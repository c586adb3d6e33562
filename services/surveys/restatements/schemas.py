"""Answers as the staff's front-ends see and correct them; words stay with the case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StrictInt

from services.surveys.restatements.queries import Former, Stated
from services.surveys.restatements.vocabulary import RestateReason, WithdrawReason
from shared.texts import RequestModel, example

Value = int | bool


class Restatement(RequestModel):
    """What the customer meant, by qid; null takes an answer away, what is left out stays."""

    model_config = example(answers={"result": 4, "solved": True}, reason="chose_wrong")

    answers: Annotated[
        dict[str, StrictInt | StrictBool | None], Field(min_length=1, max_length=100)
    ]
    reason: RestateReason


class Withdrawal(RequestModel):
    """Why an answer counts no more."""

    model_config = example(reason="customer_wish")

    reason: WithdrawReason


class ResponseLine(BaseModel):
    """An answer in a list; scores are null when it was withdrawn."""

    id: UUID
    ticket_id: UUID
    cycle_no: int
    customer_id: UUID | None
    questionnaire: str
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    low: bool
    submitted_at: datetime
    withdrawn_at: datetime | None
    version: int


class FormerAnswer(BaseModel):
    """How an answer stood before, and why, by whom and when it was replaced."""

    version: int
    answers: dict[str, Value]
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    low: bool
    reason: str
    replaced_by: UUID | None
    replaced_at: datetime


class ResponseStated(ResponseLine):
    """An answer as it stands, with what stood there before, the first answer first."""

    invitation_id: UUID
    answers: dict[str, Value]
    former: list[FormerAnswer]


def response_line(stated: Stated) -> ResponseLine:
    """Return an answer as a line of a list."""
    return ResponseLine.model_validate(stated, from_attributes=True)


def response_stated(stated: Stated, former: Sequence[Former]) -> ResponseStated:
    """Return an answer with its history as it is shown to staff."""
    shown = {name: getattr(stated, name) for name in Stated.__dataclass_fields__}
    before = [FormerAnswer.model_validate(one, from_attributes=True) for one in former]
    return ResponseStated(**shown, former=before)
