"""The words of an import: what a company's file may say, and what became of each line."""

from enum import StrEnum


class ImportState(StrEnum):
    """How far an import is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportFile(StrEnum):
    """Which of the two files a line stands in."""

    MAIN = "main"
    EVENTS = "events"


class Outcome(StrEnum):
    """What became of a line."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


class Remark(StrEnum):
    """What is wrong with a line, or worth knowing about it."""

    BROKEN_QUOTES = "broken_quotes"
    WRONG_NUMBER_OF_CELLS = "wrong_number_of_cells"
    VALUE_MISSING = "value_missing"
    VALUE_UNKNOWN = "value_unknown"
    VALUE_UNREADABLE = "value_unreadable"
    VALUE_TOO_LONG = "value_too_long"
    NUMBER_INVALID = "number_invalid"
    INSTANT_INVALID = "instant_invalid"
    INSTANT_IN_FUTURE = "instant_in_future"
    INSTANT_TOO_EARLY = "instant_too_early"
    ORDER_OF_INSTANTS = "order_of_instants"
    CATEGORY_UNKNOWN = "category_unknown"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_AMBIGUOUS = "unit_ambiguous"
    REF_REPEATED = "ref_repeated"
    REF_OF_ANOTHER = "ref_of_another"
    DIFFERS = "differs"
    TICKET_MISSING = "ticket_missing"
    NOT_STORABLE = "not_storable"
    REOPENINGS_UNDATED = "reopenings_undated"


class FileProblem(StrEnum):
    """Why an import ended early: nothing of a file could be read, or its work went wrong."""

    ENCODING_UNKNOWN = "encoding_unknown"
    FILE_EMPTY = "file_empty"
    COLUMN_MISSING = "column_missing"
    COLUMN_REPEATED = "column_repeated"
    GAVE_UP = "gave_up"


class FileShape(StrEnum):
    """Whether a line is a ticket, or one thing that happened to a ticket."""

    TICKETS = "tickets"
    LOG = "log"


class TicketField(StrEnum):
    """What a line may say about a ticket."""

    REF = "ref"
    KIND = "kind"
    CHANNEL = "channel"
    PRIORITY = "priority"
    CATEGORY = "category"
    ORG_UNIT = "org_unit"
    ASSIGNEE = "assignee"
    SUBJECT = "subject"
    CREATED_AT = "created_at"
    FIRST_RESPONDED_AT = "first_responded_at"
    RESOLVED_AT = "resolved_at"
    CLOSED_AT = "closed_at"
    RESOLUTION_REASON = "resolution_reason"
    CLOSE_ACTOR = "close_actor"
    IMPACT = "impact"
    URGENCY = "urgency"
    REOPEN_COUNT = "reopen_count"
    REASSIGNMENT_COUNT = "reassignment_count"
    WITHIN_LIMITS = "within_limits"


class EventField(StrEnum):
    """What a line may say about something that happened."""

    REF = "ref"
    AT = "at"
    HAPPENING = "happening"
    ORG_UNIT = "org_unit"


class Happening(StrEnum):
    """What the words of a source's own log mean here."""

    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    RESOLVED = "resolved"
    CLOSED = "closed"
    ASKED = "asked"
    ANSWERED = "answered"
    IGNORED = "ignored"
