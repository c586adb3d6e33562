"""The words of a feedback item; their labels stand in `item_labels.py`."""

from enum import StrEnum


class FeedbackSource(StrEnum):
    """Where a voice of the customer comes from, in the three groups of `SOURCE_GROUPS`."""

    WEBSITE_REVIEW = "website_review"
    SOCIAL_MEDIA_COMMENT = "social_media_comment"
    ONLINE_SERVICE = "online_service"
    ECOMMERCE_RATING = "ecommerce_rating"
    SURVEY_ANSWER = "survey_answer"
    STORE_VISIT = "store_visit"
    PHONE_CALL = "phone_call"
    ONSITE_TALK = "onsite_talk"
    EMPLOYEE_FEEDBACK = "employee_feedback"
    MANAGEMENT_OPINION = "management_opinion"
    PROCESS_SUGGESTION = "process_suggestion"


class SourceGroup(StrEnum):
    """Online, offline, or from our own people."""

    ONLINE = "online"
    OFFLINE = "offline"
    INTERNAL = "internal"


class FeedbackMode(StrEnum):
    """Whether the customer came by himself or was asked."""

    INITIATIVE = "initiative"
    SOLICITED = "solicited"


class FeedbackKind(StrEnum):
    """What it is."""

    COMPLAINT = "complaint"
    PRAISE = "praise"
    SUGGESTION = "suggestion"
    OPINION = "opinion"
    QUESTION = "question"
    REVIEW = "review"


class FeedbackChannel(StrEnum):
    """On which way it came in; the channels of tickets."""

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


class ItemState(StrEnum):
    """How far an item is."""

    RECEIVED = "received"
    CLASSIFIED = "classified"
    ANALYZED = "analyzed"
    PROCESSING = "processing"
    REPLIED = "replied"
    FOLLOWING_UP = "following_up"
    CLOSED = "closed"


class ItemMove(StrEnum):
    """What may be done with an item."""

    RECEIVE = "receive"
    CLASSIFY = "classify"
    ANALYZE = "analyze"
    PROCESS = "process"
    GIVE_RESULT = "give_result"
    REPLY = "reply"
    FOLLOW_UP = "follow_up"
    VERIFY = "verify"
    RESUME = "resume"
    CLOSE = "close"
    ASSIGN = "assign"
    WEIGH = "weigh"
    AMEND = "amend"
    BECOME_OVERDUE = "become_overdue"


class Importance(StrEnum):
    """Which limits count: important feedback has the short ones."""

    IMPORTANT = "important"
    NORMAL = "normal"


class ImportanceReason(StrEnum):
    """What makes feedback important."""

    COMPLAINT = "complaint"
    LOW_SCORE = "low_score"
    KEY_ACCOUNT = "key_account"
    SAFETY = "safety"
    HOTLINE_12345 = "hotline_12345"
    PUBLIC_NEGATIVE_REVIEW = "public_negative_review"


class Sentiment(StrEnum):
    """How it sounds; mixed says both."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    MIXED = "mixed"


class ItemClock(StrEnum):
    """The two promises about an item."""

    RESPONSE = "response"
    RESULT = "result"


class Verification(StrEnum):
    """How it was proven that it is settled; praise has nothing to settle."""

    CUSTOMER_CONFIRMED = "customer_confirmed"
    RESURVEY = "resurvey"
    NOT_NEEDED = "not_needed"


class ClosingStep(StrEnum):
    """What must have happened before an item is closed."""

    CLASSIFIED = "classified"
    RESULT = "result"
    ANSWERED = "answered"
    VERIFIED = "verified"


class ReplyChannel(StrEnum):
    """How the customer was answered: by a notice of ours, in public, or by a person's own voice."""

    NOTICE = "notice"
    PUBLIC_ANSWER = "public_answer"
    PHONE = "phone"
    IN_PERSON = "in_person"


class ReplyDelivery(StrEnum):
    """What became of an answer."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    BY_HAND = "by_hand"


class OriginalReason(StrEnum):
    """Why somebody reads the words as they were written, with what the masked text hides."""

    ANSWER_CUSTOMER = "answer_customer"
    CLARIFY_CASE = "clarify_case"
    LEGAL_REQUEST = "legal_request"
    QUALITY_CHECK = "quality_check"


class KeywordTarget(StrEnum):
    """What a keyword speaks for."""

    CATEGORY = "category"
    SENTIMENT = "sentiment"
    DEPARTMENT = "department"
    SAFETY = "safety"


class FilingOrder(StrEnum):
    """By what the archive is laid out."""

    PERIOD = "period"
    CATEGORY = "category"
    CUSTOMER = "customer"
    DEPARTMENT = "department"
    CHANNEL = "channel"


SOURCE_GROUPS = {
    SourceGroup.ONLINE: (
        FeedbackSource.WEBSITE_REVIEW,
        FeedbackSource.SOCIAL_MEDIA_COMMENT,
        FeedbackSource.ONLINE_SERVICE,
        FeedbackSource.ECOMMERCE_RATING,
        FeedbackSource.SURVEY_ANSWER,
    ),
    SourceGroup.OFFLINE: (
        FeedbackSource.STORE_VISIT,
        FeedbackSource.PHONE_CALL,
        FeedbackSource.ONSITE_TALK,
    ),
    SourceGroup.INTERNAL: (
        FeedbackSource.EMPLOYEE_FEEDBACK,
        FeedbackSource.MANAGEMENT_OPINION,
        FeedbackSource.PROCESS_SUGGESTION,
    ),
}
