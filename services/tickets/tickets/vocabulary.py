"""The words of a ticket, as the field uses them."""

from enum import StrEnum


class Kind(StrEnum):
    """What the customer wants; decides the questionnaire and the figures it counts in."""

    CONSULTATION = "consultation"
    COMPLAINT = "complaint"
    REPAIR = "repair"
    BUSINESS_REQUEST = "business_request"
    FIELD_JOB = "field_job"
    WIN_BACK = "win_back"
    RECOVERY = "recovery"


class Channel(StrEnum):
    """Where the request came in."""

    PHONE = "phone"
    SMS = "sms"
    WECHAT = "wechat"
    MOBILE_APP = "mobile_app"
    WEB = "web"
    ONLINE_CHAT = "online_chat"
    SOCIAL_MEDIA = "social_media"
    ECOMMERCE = "ecommerce"
    STORE = "store"
    ONSITE = "onsite"
    COMMENT_BOX = "comment_box"
    HOTLINE_12345 = "hotline_12345"
    LETTER = "letter"
    INTERNAL = "internal"


class Priority(StrEnum):
    """How soon it matters."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class Tier(StrEnum):
    """Who supports: first line, second line, expert."""

    L1 = "l1"
    L2 = "l2"
    EXPERT = "expert"


class State(StrEnum):
    """Where a ticket is in its life."""

    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """How far the work on an open ticket is."""

    ACCEPTED = "accepted"
    ANALYZING = "analyzing"
    SOLUTION = "solution"


class Move(StrEnum):
    """What can happen to a ticket; each is an action of the API and a line of its history."""

    OPEN = "open"
    ASSIGN = "assign"
    START = "start"
    ADVANCE = "advance"
    AWAIT_CUSTOMER = "await_customer"
    AWAIT_THIRD_PARTY = "await_third_party"
    RESUME = "resume"
    ESCALATE = "escalate"
    RETURN = "return"
    CORRECT = "correct"
    REPLY = "reply"
    HEAR = "hear"
    NOTE = "note"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    CANCEL = "cancel"


class WaitingReason(StrEnum):
    """Why the customer is waited for."""

    INFORMATION = "information"
    RETURNED_FOR_CORRECTION = "returned_for_correction"
    CONFIRMATION = "confirmation"


class ResolutionReason(StrEnum):
    """How a ticket was resolved."""

    SOLVED = "solved"
    WORKAROUND = "workaround"
    CANNOT_HANDLE = "cannot_handle"
    NO_RESPONSE = "no_response"
    DUPLICATE = "duplicate"
    SPAM = "spam"


class CloseActor(StrEnum):
    """Who ended the cycle."""

    CUSTOMER = "customer"
    STAFF = "staff"
    TIMER = "timer"


class ReopenReason(StrEnum):
    """Why a ticket was opened again."""

    NOT_SOLVED = "not_solved"
    RECURRED = "recurred"
    WRONGLY_CLOSED = "wrongly_closed"


class CancelReason(StrEnum):
    """Why a request ended without a solution."""

    WITHDRAWN = "withdrawn"
    MISTAKE = "mistake"


class EscalationReason(StrEnum):
    """Why a ticket goes to another support tier."""

    NEEDS_SKILL = "needs_skill"
    NEEDS_AUTHORITY = "needs_authority"
    TIME_USED_UP = "time_used_up"
    CUSTOMER_DEMAND = "customer_demand"
    ANSWERED = "answered"
    WRONG_TIER = "wrong_tier"


class Requester(StrEnum):
    """Who asked: a customer, or one of our own people."""

    CUSTOMER = "customer"
    STAFF = "staff"
