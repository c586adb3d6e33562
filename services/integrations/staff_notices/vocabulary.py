"""What our own people are told about."""

from enum import StrEnum


class StaffTemplate(StrEnum):
    """What a notice is for; one that is not here is shown by its code."""

    LOOP_OPENED = "loop_opened"
    LOOP_ASSIGNED = "loop_assigned"
    LOOP_OVERDUE = "loop_overdue"
    LOOP_ESCALATED = "loop_escalated"
    LOOP_NOT_RECOVERED = "loop_not_recovered"
    FEEDBACK_OVERDUE = "feedback_overdue"
    WEBHOOK_DISABLED = "webhook_disabled"
    BOOKS_DIFFER = "books_differ"
