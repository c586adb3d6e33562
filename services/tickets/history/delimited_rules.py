"""Lines of a delimited file (RFC 4180), cut out of text that comes in pieces."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

DELIMITERS: Final = (",", ";", "\t")

LONGEST_RECORD: Final = 200_000
"""Ten of the longest texts that we take; a quote that nobody closed ends here."""


@dataclass(frozen=True, slots=True)
class Record:
    """What stands between two line ends outside of quotes; `line` is its first line, from 1."""

    line: int
    text: str
    whole: bool = True

    def cells(self, delimiter: str) -> list[str] | None:
        """Return the cells, None when their quotes cannot be understood."""
        if not self.whole:
            return None
        try:
            return next(csv.reader([self.text], delimiter=delimiter, strict=True), [])
        except csv.Error:
            return None


@dataclass(slots=True)
class Records:
    """Collects text and gives out whole records; `delimiter` is known after the header.

    A quote that opens and is never closed costs its own line, not those behind it.
    """

    delimiter: str | None = None
    _line: int = 0
    _rest: str = ""
    _open: list[str] = field(default_factory=list)
    _length: int = 0
    _quoted: bool = False

    def feed(self, text: str) -> Iterator[Record]:
        """Take more text and give the records that it completes."""
        lines = (self._rest + text).split("\n")
        self._rest = lines.pop()
        yield from self._take(lines)

    def end(self) -> Iterator[Record]:
        """Give what is left when nothing more comes."""
        last, self._rest = self._rest, ""
        yield from self._take([last] if last else [])
        while self._open:
            broken, behind = self._give_up()
            yield broken
            yield from self._take(behind)

    def _take(self, lines: Iterable[str]) -> Iterator[Record]:
        waiting = deque(lines)
        while waiting:
            line = waiting.popleft()
            self._line += 1
            self._open.append(line)
            self._length += len(line) + 1
            self._quoted ^= line.count('"') % 2 == 1
            if self._quoted and self._length <= LONGEST_RECORD:
                continue
            record = self._record()
            if not self._quoted and self._fits(record):
                self._begin()
                if record.text:
                    yield record
                continue
            broken, behind = self._give_up()
            yield broken
            waiting.extendleft(reversed(behind))

    def _record(self) -> Record:
        first = self._line - len(self._open) + 1
        return Record(first, "\n".join(self._open).removesuffix("\r"))

    def _fits(self, record: Record) -> bool:
        """Return False for lines that only two stray quotes hold together."""
        if len(self._open) == 1 or self.delimiter is None:
            return True
        return record.cells(self.delimiter) is not None

    def _give_up(self) -> tuple[Record, list[str]]:
        """Return the line with the open quote as a broken one, and the lines to read again."""
        broken, *behind = self._open
        self._line -= len(behind)
        self._begin()
        return Record(self._line, broken, whole=False), behind

    def _begin(self) -> None:
        self._open, self._length, self._quoted = [], 0, False


def delimiter_of(header: Record, wanted: frozenset[str]) -> str:
    """Return the delimiter by which a header has most of the wanted columns."""
    return max(DELIMITERS, key=lambda one: len(wanted & set(columns_of(header, one))))


def columns_of(header: Record, delimiter: str) -> Sequence[str]:
    """Return the names in a header, without the spaces around them."""
    return [name.strip() for name in header.cells(delimiter) or ()]
