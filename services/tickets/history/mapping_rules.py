"""A mapping: which columns of a source's file say what, and what its words mean here."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from services.tickets.history.encoding_rules import KNOWN
from services.tickets.history.vocabulary import EventField, FileShape, Happening, TicketField
from services.tickets.tickets.vocabulary import (
    Channel,
    CloseActor,
    Kind,
    Priority,
    ResolutionReason,
)
from shared.errors import InvalidError

STRICT: Final = {"extra": "forbid"}
"""A misspelt member would be ignored in silence, and a column with it."""

ISO: Final = "iso"
A_DAY: Final = datetime(2001, 2, 3, 16, 5, tzinfo=UTC)
LONGEST_SOURCE: Final = 40

WORDS: Final[Mapping[TicketField, type[StrEnum]]] = {
    TicketField.KIND: Kind,
    TicketField.CHANNEL: Channel,
    TicketField.PRIORITY: Priority,
    TicketField.RESOLUTION_REASON: ResolutionReason,
    TicketField.CLOSE_ACTOR: CloseActor,
}
"""Fields whose values are words of ours."""

DEFAULTS: Final[Mapping[TicketField, str]] = {
    TicketField.PRIORITY: Priority.NORMAL,
    TicketField.RESOLUTION_REASON: ResolutionReason.SOLVED,
    TicketField.CLOSE_ACTOR: CloseActor.STAFF,
}

REQUIRED: Final = frozenset({TicketField.KIND, TicketField.CHANNEL})
REQUIRED_OF_TICKETS: Final = frozenset({TicketField.REF, TicketField.CREATED_AT})
REQUIRED_OF_EVENTS: Final = frozenset({EventField.REF, EventField.AT, EventField.HAPPENING})


def words_of(one: TicketField) -> frozenset[str]:
    """Return what a field may say. A recovery belongs to a loop case, which no file brings."""
    return frozenset(WORDS[one]) - {Kind.RECOVERY}


@dataclass(frozen=True, slots=True)
class LimitSeconds:
    """What was promised for a priority, counted from the opening of the ticket."""

    __pydantic_config__ = STRICT

    first_response_seconds: int
    resolution_seconds: int

    @property
    def first_response(self) -> timedelta:
        return timedelta(seconds=self.first_response_seconds)

    @property
    def resolution(self) -> timedelta:
        return timedelta(seconds=self.resolution_seconds)


@dataclass(frozen=True, slots=True)
class EventMapping:
    """Columns and words of a log; a file of events beside the tickets, or the only file."""

    __pydantic_config__ = STRICT

    columns: Mapping[EventField, str]
    happenings: Mapping[str, Happening]
    instant_format: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryMapping:
    """A mapping as its company writes it."""

    __pydantic_config__ = STRICT

    source: str
    zone: str
    columns: Mapping[TicketField, str | tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[TicketField, str] = field(default_factory=dict)
    values: Mapping[TicketField, Mapping[str, str]] = field(default_factory=dict)
    limits: Mapping[Priority, LimitSeconds] = field(default_factory=dict)
    nulls: tuple[str, ...] = ("",)
    instant_format: str = ISO
    encoding: str | None = None
    shape: FileShape = FileShape.TICKETS
    create_missing: bool = False
    events: EventMapping | None = None

    def names(self, wanted: TicketField) -> tuple[str, ...]:
        """Return the columns of a field, none when the file does not say it."""
        named = self.columns.get(wanted, ())
        return (named,) if isinstance(named, str) else named

    @property
    def is_log(self) -> bool:
        """Return whether the lines of the main file are events; a ticket has many of them."""
        return self.shape is FileShape.LOG

    @property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def main_columns(self) -> frozenset[str]:
        """Return the columns that the main file must have."""
        if self.is_log:
            return self.event_columns
        return frozenset(name for one in self.columns for name in self.names(one))

    @property
    def event_columns(self) -> frozenset[str]:
        return frozenset(self.events.columns.values()) if self.events else frozenset()


def check_mapping(mapping: HistoryMapping) -> None:
    """Raise InvalidError, which names every contradiction, for a mapping that cannot work."""
    wrong = sorted(_contradictions(mapping))
    if mapping.encoding not in {None, *KNOWN}:
        wrong.append(f"encoding: none of {', '.join(sorted(KNOWN))}")
    if wrong:
        raise InvalidError("mapping_invalid", "; ".join(wrong)[:2000])


def _contradictions(mapping: HistoryMapping) -> Iterator[str]:
    if not 0 < len(mapping.source) <= LONGEST_SOURCE:
        yield f"source: a name of up to {LONGEST_SOURCE} characters"
    try:
        ZoneInfo(mapping.zone)
    except (ValueError, OSError, LookupError):
        yield f"zone: there is no time zone {mapping.zone}"
    yield from _forms(mapping)
    yield from _missing(mapping)
    for one, constant in mapping.constants.items():
        if one in mapping.columns:
            yield f"constants: {one} has a column too"
        yield from _strange(f"constants.{one}", one, constant)
    for one, words in mapping.values.items():
        if one not in WORDS:
            yield f"values: {one} is taken as it stands"
        for word in words.values():
            yield from _strange(f"values.{one}", one, word)
    for priority, limit in mapping.limits.items():
        if min(limit.first_response_seconds, limit.resolution_seconds) <= 0:
            yield f"limits.{priority}: seconds above 0"


def _forms(mapping: HistoryMapping) -> Iterator[str]:
    forms = {"instant_format": mapping.instant_format}
    if mapping.events is not None and mapping.events.instant_format is not None:
        forms["events.instant_format"] = mapping.events.instant_format
    for place, form in forms.items():
        if form != ISO and not _says_the_day(form):
            yield f"{place}: iso, or a pattern of a day, such as %d/%m/%Y %H:%M"


def _says_the_day(form: str) -> bool:
    """Return whether a pattern is one, and a day that is written with it can be read again."""
    try:
        read = datetime.strptime(A_DAY.strftime(form), form)  # noqa: DTZ007 - only its day counts
    except (ValueError, re.error):
        return False
    return read.date() == A_DAY.date()


def _missing(mapping: HistoryMapping) -> Iterator[str]:
    said = mapping.columns.keys() | mapping.constants.keys()
    yield from (f"columns: {one} has neither a column nor a constant" for one in REQUIRED - said)
    if mapping.events is not None:
        lacking = REQUIRED_OF_EVENTS - mapping.events.columns.keys()
        yield from (f"events.columns: {one} has no column" for one in lacking)
    if not mapping.is_log:
        lacking_here = REQUIRED_OF_TICKETS - mapping.columns.keys()
        yield from (f"columns: {one} has no column" for one in lacking_here)
    elif mapping.events is None or mapping.columns:
        yield "columns: the lines of a log are events; use events and constants"
    for one in mapping.columns.keys() - {TicketField.CATEGORY}:
        if len(mapping.names(one)) != 1:
            yield f"columns: {one} has one column"


def _strange(place: str, one: TicketField, word: str) -> Iterator[str]:
    if one in WORDS and word not in words_of(one):
        yield f"{place}: {word} is none of {', '.join(sorted(words_of(one)))}"
