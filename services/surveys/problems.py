"""Titles of the problems that this service may answer with."""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "questionnaire_not_found": ("没有这份问卷", "No such questionnaire"),
    "questionnaire_invalid": ("问卷有误", "The questionnaire cannot be used"),
    "invitation_not_found": ("没有这份邀请", "No such invitation"),
    "survey_not_found": ("链接无效或已过期", "The link is not valid, or no more"),
    "survey_answered": ("已经收到您的回答", "It was answered already"),
    "answers_invalid": ("有题目需要修改", "Some answers need attention"),
    "response_not_found": ("没有这份回答", "No such answer"),
    "answer_unchanged": ("回答本来就是这样", "The answer says this already"),
    "answer_withdrawn": ("回答已经撤回", "The answer was withdrawn"),
    "no_callback_offered": ("现在不能预约回电", "No call is offered here"),
}
