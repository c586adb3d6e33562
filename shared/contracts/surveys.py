"""What `surveys` says: every closed cycle is invited or suppressed, and what came of it."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.messages.contract import Code, Event, Letter


class SurveyEvent(Event):
    """A survey about one cycle of a ticket, with the ticket's dimensions as of its closing."""

    SENDERS: ClassVar[tuple[str, ...]] = ("surveys",)

    invitation_id: UUID
    ticket_id: UUID
    cycle_no: int
    customer_id: UUID | None
    kind: Code
    channel: Code
    category_id: UUID | None
    org_unit_id: UUID | None
    org_path: tuple[UUID, ...]
    priority: Code
    tier: Code
    closed_at: AwareDatetime


class SurveyInvited(SurveyEvent):
    """The one invitation of a closed cycle exists."""

    TYPE: ClassVar[str] = "survey.invited"

    questionnaire: Code
    invited_at: AwareDatetime


class SurveySuppressed(SurveyEvent):
    """A closed cycle is not surveyed, for this reason."""

    TYPE: ClassVar[str] = "survey.suppressed"

    reason: Code
    suppressed_at: AwareDatetime


class SurveyCompleted(SurveyEvent):
    """The customer answered: satisfaction 1–5, nps 0–10, whether it is solved; null if not asked.

    `after_reopen` says that the ticket had been reopened before the answer came.
    """

    TYPE: ClassVar[str] = "survey.completed"

    questionnaire: Code
    response_id: UUID
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    low: bool
    after_reopen: bool
    completed_at: AwareDatetime


class SurveyLowScore(SurveyEvent):
    """The answer calls for recovery: CSAT of at most 2 of 5, or not solved."""

    TYPE: ClassVar[str] = "survey.low_score"

    response_id: UUID
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    callback_wanted: bool
    completed_at: AwareDatetime


class SurveyExpired(SurveyEvent):
    """Nobody answered in time."""

    TYPE: ClassVar[str] = "survey.expired"

    expired_at: AwareDatetime


class SurveyCancelled(SurveyEvent):
    """The ticket was reopened before the invitation was sent."""

    TYPE: ClassVar[str] = "survey.cancelled"

    reason: Code
    cancelled_at: AwareDatetime


class SurveyCallbackWanted(SurveyEvent):
    """The customer who was let down would like to be called; `callback_time` says when."""

    TYPE: ClassVar[str] = "survey.callback_wanted"

    response_id: UUID
    callback_time: Code
    wanted_at: AwareDatetime


class SurveyResponseRestated(SurveyEvent):
    """An answer was corrected or withdrawn: these scores stand in the place of the former ones.

    `withdrawn` takes the answer out of every figure; `reason` says why it was restated.
    """

    TYPE: ClassVar[str] = "survey.response_restated"

    response_id: UUID
    satisfaction: int | None
    nps: int | None
    solved: bool | None
    low: bool
    withdrawn: bool
    reason: Code
    restated_at: AwareDatetime


class CommentGiven(Letter):
    """What a customer wrote in a survey, by question, with the dimensions as of the closing."""

    TYPE: ClassVar[str] = "survey.comment_given"
    SENDERS: ClassVar[tuple[str, ...]] = ("surveys",)
    RECIPIENT: ClassVar[str] = "feedback"

    response_id: UUID
    ticket_id: UUID
    cycle_no: int
    customer_id: UUID | None
    kind: Code
    channel: Code
    category_id: UUID | None
    org_unit_id: UUID | None
    org_path: tuple[UUID, ...]
    language: Code
    satisfaction: int | None
    nps: int | None
    low: bool
    comments: dict[str, str]
    completed_at: AwareDatetime
