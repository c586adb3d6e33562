"""The words of a loop case."""

from enum import StrEnum
from typing import Final

REFERENCE: Final = "loop_case"
"""What a notice to our own people says that it is about."""

RECOVERY: Final = "recovery"
"""The kind of ticket in which a case is handled."""

ASKED_BEFORE: Final = "recovery_asked"
"""Why a recovery that is closed again is not asked about again: its first survey decides."""


class LoopState(StrEnum):
    """How far a case has come; it follows from its instants."""

    OPEN = "open"
    CONTACTED = "contacted"
    VERIFYING = "verifying"
    CLOSED = "closed"


class LoopOutcome(StrEnum):
    """What came of a case."""

    RECOVERED = "recovered"
    NOT_RECOVERED = "not_recovered"
    UNREACHABLE = "unreachable"
    NOT_NEEDED = "not_needed"


class LoopClock(StrEnum):
    """The two clocks of a case: until somebody spoke to the customer, and until a result."""

    CONTACT = "contact"
    RESULT = "result"


class LoopEscalationReason(StrEnum):
    """Why a case went one level up; the first three come by themselves."""

    CONTACT_OVERDUE = "contact_overdue"
    RESULT_OVERDUE = "result_overdue"
    NOT_RECOVERED = "not_recovered"
    CUSTOMER_INSISTS = "customer_insists"
    BEYOND_OUR_MEANS = "beyond_our_means"
    OTHER_DEPARTMENT = "other_department"


BY_HAND: Final = frozenset(
    {
        LoopEscalationReason.CUSTOMER_INSISTS,
        LoopEscalationReason.BEYOND_OUR_MEANS,
        LoopEscalationReason.OTHER_DEPARTMENT,
    }
)
"""The reasons that a person may give."""


class ContactMeans(StrEnum):
    """How somebody tried to reach the customer."""

    PHONE = "phone"
    SMS = "sms"
    WECHAT = "wechat"
    EMAIL = "email"
    VISIT = "visit"
    STORE = "store"


class NotNeededReason(StrEnum):
    """Why a case needs no recovery."""

    MISTAKEN_ANSWER = "mistaken_answer"
    SOLVED_MEANWHILE = "solved_meanwhile"
    CUSTOMER_DECLINED = "customer_declined"
    ANSWER_RESTATED = "answer_restated"


LOOP_STATE_LABELS = {
    LoopState.OPEN: ("待联系", "Open"),
    LoopState.CONTACTED: ("已联系", "Contacted"),
    LoopState.VERIFYING: ("待客户确认", "The customer is asked"),
    LoopState.CLOSED: ("已闭环", "Closed"),
}

LOOP_OUTCOME_LABELS = {
    LoopOutcome.RECOVERED: ("已挽回", "Recovered"),
    LoopOutcome.NOT_RECOVERED: ("未挽回", "Not recovered"),
    LoopOutcome.UNREACHABLE: ("联系不上", "Unreachable"),
    LoopOutcome.NOT_NEEDED: ("无需补救", "Not needed"),
}

LOOP_CLOCK_LABELS = {
    LoopClock.CONTACT: ("联系客户时限", "Until the customer is spoken to"),
    LoopClock.RESULT: ("处理结果时限", "Until there is a result"),
}

LOOP_ESCALATION_LABELS = {
    LoopEscalationReason.CONTACT_OVERDUE: ("超时未联系客户", "The customer was not spoken to"),
    LoopEscalationReason.RESULT_OVERDUE: ("超时没有结果", "There was no result in time"),
    LoopEscalationReason.NOT_RECOVERED: ("客户仍不满意", "The customer is still not content"),
    LoopEscalationReason.CUSTOMER_INSISTS: ("客户要求找上级", "The customer asks for a superior"),
    LoopEscalationReason.BEYOND_OUR_MEANS: ("超出本级权限", "It is beyond our means"),
    LoopEscalationReason.OTHER_DEPARTMENT: ("需要其他部门", "It needs another department"),
}

CONTACT_MEANS_LABELS = {
    ContactMeans.PHONE: ("电话", "Phone"),
    ContactMeans.SMS: ("短信", "Text message"),
    ContactMeans.WECHAT: ("微信", "WeChat"),
    ContactMeans.EMAIL: ("邮件", "E-mail"),
    ContactMeans.VISIT: ("上门", "Visit"),
    ContactMeans.STORE: ("营业厅", "At our counter"),
}

NOT_NEEDED_LABELS = {
    NotNeededReason.MISTAKEN_ANSWER: ("客户选错了", "The answer was a mistake"),
    NotNeededReason.SOLVED_MEANWHILE: ("问题已经解决", "It was solved meanwhile"),
    NotNeededReason.CUSTOMER_DECLINED: ("客户不需要跟进", "The customer wants no more of it"),
    NotNeededReason.ANSWER_RESTATED: ("评价已更正或撤回", "The answer was corrected or withdrawn"),
}
