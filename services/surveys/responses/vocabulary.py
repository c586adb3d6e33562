"""The words of a response."""

from enum import StrEnum


class CallbackTime(StrEnum):
    """When a customer who was let down would like to be called."""

    ANY_TIME = "any_time"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


CALLBACK_TIME_LABELS = {
    CallbackTime.ANY_TIME: ("都可以", "Any time"),
    CallbackTime.MORNING: ("上午", "Morning"),
    CallbackTime.AFTERNOON: ("下午", "Afternoon"),
    CallbackTime.EVENING: ("傍晚", "Early evening"),
}
