"""The words of a restatement."""

from enum import StrEnum


class RestateReason(StrEnum):
    """Why the scores of an answer were corrected."""

    CHOSE_WRONG = "chose_wrong"
    MISUNDERSTOOD = "misunderstood"
    ENTERED_WRONG = "entered_wrong"


class WithdrawReason(StrEnum):
    """Why an answer counts no more."""

    CUSTOMER_WISH = "customer_wish"
    NOT_THE_CUSTOMER = "not_the_customer"
    OTHER_TICKET = "other_ticket"


RESTATE_REASON_LABELS = {
    RestateReason.CHOSE_WRONG: ("客户点错了", "The customer chose wrong"),
    RestateReason.MISUNDERSTOOD: ("客户理解错题意", "The customer misunderstood the question"),
    RestateReason.ENTERED_WRONG: ("代填时录错", "It was entered wrong for the customer"),
}

WITHDRAW_REASON_LABELS = {
    WithdrawReason.CUSTOMER_WISH: ("客户要求撤回", "The customer takes it back"),
    WithdrawReason.NOT_THE_CUSTOMER: ("不是客户本人回答", "Somebody else answered"),
    WithdrawReason.OTHER_TICKET: ("评价的是另一张工单", "It was about another ticket"),
}
