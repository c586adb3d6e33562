"""The words of an invitation."""

from enum import StrEnum
from typing import Final

REFERENCE: Final = "survey_invitation"
"""What a notice of ours says that it is about."""


class InvitationState(StrEnum):
    """What became of the one row of a closed cycle."""

    SCHEDULED = "scheduled"
    SENT = "sent"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"


class SuppressReason(StrEnum):
    """Why a closed cycle is not surveyed."""

    NO_RESPONSE = "no_response"
    SPAM = "spam"
    DUPLICATE = "duplicate"
    STAFF_REQUESTER = "staff_requester"
    NO_CUSTOMER = "no_customer"
    IMPORTED = "imported"
    RECOVERY_ASKED = "recovery_asked"
    STALE = "stale"
    CUSTOMER_ERASED = "customer_erased"


class CancelReason(StrEnum):
    """Why an invitation was taken back before it was sent."""

    REOPENED = "reopened"
    CUSTOMER_ERASED = "customer_erased"


class InvitationStep(StrEnum):
    """What happens on the way of an invitation."""

    CLOSED = "closed"
    HEARD = "heard"
    SEND = "send"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    OPENED = "opened"
    REMIND = "remind"
    REOPENED = "reopened"
    END = "end"


INVITATION_STATE_LABELS = {
    InvitationState.SCHEDULED: ("待发送", "Scheduled"),
    InvitationState.SENT: ("已发送", "Sent"),
    InvitationState.COMPLETED: ("已回答", "Completed"),
    InvitationState.EXPIRED: ("已过期", "Expired"),
    InvitationState.CANCELLED: ("已取消", "Cancelled"),
    InvitationState.SUPPRESSED: ("不回访", "Suppressed"),
}

SUPPRESS_REASON_LABELS = {
    SuppressReason.NO_RESPONSE: ("客户一直没有回应", "The customer never responded"),
    SuppressReason.SPAM: ("骚扰信息", "Spam"),
    SuppressReason.DUPLICATE: ("重复工单", "A duplicate"),
    SuppressReason.STAFF_REQUESTER: ("员工提出的工单", "Asked for by staff"),
    SuppressReason.NO_CUSTOMER: ("没有客户", "No customer"),
    SuppressReason.IMPORTED: ("导入的历史工单", "Imported history"),
    SuppressReason.RECOVERY_ASKED: ("挽回结果已经问过一次", "Asked about this recovery already"),
    SuppressReason.STALE: ("办结太久才得知", "Heard of too late"),
    SuppressReason.CUSTOMER_ERASED: ("客户资料已删除", "The customer's data were erased"),
}

CANCEL_REASON_LABELS = {
    CancelReason.REOPENED: ("工单重新打开", "The ticket was reopened"),
    CancelReason.CUSTOMER_ERASED: ("客户资料已删除", "The customer's data were erased"),
}

INVITATION_STEP_LABELS = {
    InvitationStep.CLOSED: ("工单办结", "The ticket was closed"),
    InvitationStep.HEARD: ("得知办结并作出决定", "The closing was heard of and decided on"),
    InvitationStep.SEND: ("发出邀请", "The invitation is sent"),
    InvitationStep.DELIVERED: ("通知送达", "The notice arrived"),
    InvitationStep.UNDELIVERED: ("通知没有送达", "The notice did not arrive"),
    InvitationStep.OPENED: ("客户打开页面", "The customer opened the page"),
    InvitationStep.REMIND: ("提醒一次", "The customer is reminded once"),
    InvitationStep.REOPENED: ("工单重新打开", "The ticket was reopened"),
    InvitationStep.END: ("到此结束", "It ends"),
}
