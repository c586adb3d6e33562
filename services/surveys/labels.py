"""The words of this service with their Chinese and English labels."""

from collections.abc import Mapping

from services.surveys.invitations.vocabulary import (
    CANCEL_REASON_LABELS,
    INVITATION_STATE_LABELS,
    INVITATION_STEP_LABELS,
    SUPPRESS_REASON_LABELS,
    CancelReason,
    InvitationState,
    InvitationStep,
    SuppressReason,
)
from services.surveys.questionnaires.vocabulary import (
    ANSWER_PROBLEM_LABELS,
    METRIC_LABELS,
    QUESTION_TYPE_LABELS,
    AnswerProblem,
    Metric,
    QuestionType,
)
from services.surveys.responses.vocabulary import CALLBACK_TIME_LABELS, CallbackTime
from services.surveys.restatements.vocabulary import (
    RESTATE_REASON_LABELS,
    WITHDRAW_REASON_LABELS,
    RestateReason,
    WithdrawReason,
)
from shared.vocabulary import Labels, labels_of

VOCABULARY: Mapping[str, Labels] = {
    "invitation_state": labels_of(InvitationState, INVITATION_STATE_LABELS),
    "invitation_step": labels_of(InvitationStep, INVITATION_STEP_LABELS),
    "suppress_reason": labels_of(SuppressReason, SUPPRESS_REASON_LABELS),
    "survey_cancel_reason": labels_of(CancelReason, CANCEL_REASON_LABELS),
    "question_type": labels_of(QuestionType, QUESTION_TYPE_LABELS),
    "survey_metric": labels_of(Metric, METRIC_LABELS),
    "answer_problem": labels_of(AnswerProblem, ANSWER_PROBLEM_LABELS),
    "callback_time": labels_of(CallbackTime, CALLBACK_TIME_LABELS),
    "restate_reason": labels_of(RestateReason, RESTATE_REASON_LABELS),
    "withdraw_reason": labels_of(WithdrawReason, WITHDRAW_REASON_LABELS),
}
