"""The cells of a line, read as a mapping wants them; every method raises LineError."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.tickets.history.mapping_rules import DEFAULTS, ISO, WORDS, HistoryMapping, words_of
from services.tickets.history.vocabulary import Remark, TicketField

LONGEST_NAME: Final = 80
LONGEST_LINE: Final = 200
MOST: Final = 100_000
"""More reopenings than any ticket has: a slip of the columns."""

EARLIEST_YEAR: Final = 1990
"""What systems write for nothing (0001, 1900, 1970) is earlier, and no figure goes further back."""

TRUE: Final = frozenset({"true", "yes", "1", "y", "是"})
FALSE: Final = frozenset({"false", "no", "0", "n", "否"})

Cells = Mapping[str, str]


class LineError(Exception):
    """A line cannot be taken; `column` is where to look, when it is one column's fault."""

    def __init__(self, remark: Remark, column: str | None = None) -> None:
        super().__init__(remark)
        self.remark = remark
        self.column = column


@dataclass(frozen=True, slots=True)
class Line:
    """The cells of a line by their columns, and what the mapping makes of them."""

    cells: Cells
    mapping: HistoryMapping

    def value(self, column: str) -> str | None:
        """Return the text of a cell, None for what means nothing in this file."""
        value = self.cells[column].strip()
        if value in self.mapping.nulls or not value:
            return None
        if not value.isprintable():
            raise LineError(Remark.VALUE_UNREADABLE, column)
        return value

    def needed_at(self, one: TicketField) -> datetime:
        """Return an instant that must be there."""
        at = self.at(one)
        if at is None:
            raise LineError(Remark.VALUE_MISSING, column_of(self.mapping, one))
        return at

    def name(self, one: TicketField, longest: int = LONGEST_LINE) -> str | None:
        """Return a text as it stands."""
        for column in self.mapping.names(one):
            value = self.value(column)
            if value is not None and len(value) > longest:
                raise LineError(Remark.VALUE_TOO_LONG, column)
            return value
        return self.mapping.constants.get(one)

    def needed(self, one: TicketField) -> str:
        """Return a text that must be there."""
        value = self.name(one)
        if value is None:
            raise LineError(Remark.VALUE_MISSING, column_of(self.mapping, one))
        return value

    def path(self) -> tuple[str, ...]:
        """Return the category, from the top downwards."""
        found = []
        for column in self.mapping.names(TicketField.CATEGORY):
            value = self.value(column)
            if value is None:
                break
            if len(value) > LONGEST_NAME:
                raise LineError(Remark.VALUE_TOO_LONG, column)
            found.append(value)
        return tuple(found)

    def word(self, one: TicketField) -> str:
        """Return a word of ours; an empty cell means the default, where there is one."""
        said = self.name(one)
        if one in self.mapping.columns and said is not None:
            meant = self.mapping.values.get(one, {})
            said = meant.get(said, said if not meant else None)
            if said is None or said not in words_of(one):
                raise LineError(Remark.VALUE_UNKNOWN, column_of(self.mapping, one))
        word = said or DEFAULTS.get(one)
        if word is None:
            raise LineError(Remark.VALUE_MISSING, column_of(self.mapping, one))
        return WORDS[one](word)

    def at(self, one: TicketField) -> datetime | None:
        """Return an instant."""
        value, column = self.name(one), column_of(self.mapping, one)
        if value is None or column is None:
            return None
        return instant(value, column, self.mapping.instant_format, self.mapping)

    def count(self, one: TicketField) -> int | None:
        """Return a number."""
        value = self.name(one)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and int(value[:7]) <= MOST):
            raise LineError(Remark.NUMBER_INVALID, column_of(self.mapping, one))
        return int(value)

    def flag(self, one: TicketField) -> bool | None:
        """Return a yes or no."""
        value = self.name(one)
        if value is None or value.lower() in TRUE | FALSE:
            return None if value is None else value.lower() in TRUE
        raise LineError(Remark.VALUE_UNKNOWN, column_of(self.mapping, one))


def column_of(mapping: HistoryMapping, one: TicketField) -> str | None:
    """Return the column where a field stands, to show where to look."""
    return next(iter(mapping.names(one)), None)


def instant(text: str, column: str, form: str, mapping: HistoryMapping) -> datetime:
    """Return an instant; one without an offset is a time of the mapping's zone."""
    try:
        read = _iso(text) if form == ISO else _written(text, form)
    except ValueError as error:
        raise LineError(Remark.INSTANT_INVALID, column) from error
    if read.year < EARLIEST_YEAR:
        raise LineError(Remark.INSTANT_TOO_EARLY, column)
    return read if read.tzinfo else read.replace(tzinfo=mapping.tzinfo)


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _written(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)  # noqa: DTZ007 - its zone is the mapping's
