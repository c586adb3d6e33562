"""Titles of the problems that this service may answer with."""

from collections.abc import Mapping
from typing import Final

TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "duty_not_found": ("没有这条职责", "No such duty"),
    "unknown_category": ("没有这个类别", "No such category"),
    "unknown_staff": ("没有这位在职员工", "No such member of staff"),
    "unknown_org_unit": ("没有这个部门", "No such unit"),
    "feedback_not_found": ("没有这条反馈", "No such feedback"),
    "feedback_taken": ("来源记录已经登记过", "The source's record was taken before"),
    "illegal_step": ("反馈当前状态不允许这样做", "The feedback's state does not allow this"),
    "closing_incomplete": ("还不能关闭，缺少必要步骤", "It cannot be closed yet"),
    "no_owner": ("还没有人负责这类反馈", "Nobody is there to own it"),
    "nobody_to_write_to": ("没有可以通知的客户", "Nobody is known to write to"),
    "not_public": ("不是公开评价，不能公开回复", "It was not said in public"),
    "no_original": ("没有原文", "Nobody wrote anything here"),
    "keyword_not_found": ("没有这个关键词", "No such keyword"),
    "keyword_taken": ("这个词已经用于别的值", "The word speaks for another value"),
    "unknown_value": ("没有这个取值", "No such value"),
    "word_too_short": ("每个词至少两个字", "A word needs two characters"),
    "loop_case_not_found": ("没有这件补救个案", "No such loop case"),
    "loop_case_closed": ("补救个案已经结束", "The case is closed"),
    "nothing_to_acknowledge": ("没有需要确认的内容", "Nothing waits to be acknowledged"),
    "no_attempt_logged": ("请先登记一次未接通的联系", "Log an attempt to reach the customer first"),
}
