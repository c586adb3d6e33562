"""The words of requests about a person's data."""

from enum import StrEnum
from typing import Final


class PrivacyRequestType(StrEnum):
    """What a person may ask for."""

    ACCESS = "access"
    ERASE = "erase"


class PrivacyReason(StrEnum):
    """Why it is asked; a code, because a record of an erasure must not name the person."""

    CUSTOMER_ASKED = "customer_asked"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PURPOSE_ENDED = "purpose_ended"
    AUTHORITY_ORDERED = "authority_ordered"


class PrivacyState(StrEnum):
    """Whether every service has answered."""

    OPEN = "open"
    COMPLETED = "completed"


PRIVACY_REQUEST_TYPE_LABELS: Final = {
    PrivacyRequestType.ACCESS: ("查阅、复制个人信息", "Access to personal data"),
    PrivacyRequestType.ERASE: ("删除个人信息", "Erasure of personal data"),
}

PRIVACY_REASON_LABELS: Final = {
    PrivacyReason.CUSTOMER_ASKED: ("客户本人要求", "The customer asked for it"),
    PrivacyReason.CONSENT_WITHDRAWN: ("客户撤回同意", "The customer withdrew his consent"),
    PrivacyReason.PURPOSE_ENDED: ("处理目的已实现或不再需要", "The purpose has ended"),
    PrivacyReason.AUTHORITY_ORDERED: ("主管部门要求", "An authority ordered it"),
}

PRIVACY_STATE_LABELS: Final = {
    PrivacyState.OPEN: ("办理中", "Open"),
    PrivacyState.COMPLETED: ("已办结", "Completed"),
}
