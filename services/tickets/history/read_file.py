"""Read a file of an import: find its encoding, check its header, give its lines."""

import codecs
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from services.tickets.history.delimited_rules import Record, Records, columns_of, delimiter_of
from services.tickets.history.encoding_rules import EncodingSearch
from services.tickets.history.line_rules import Cells
from services.tickets.history.piece_queries import pieces_of
from services.tickets.history.vocabulary import FileProblem, ImportFile, Remark
from shared.crypto.vault import Vault
from shared.database import Database


class FileError(Exception):
    """Nothing of a file can be taken; `columns` are those that are to blame."""

    def __init__(
        self, problem: FileProblem, file: ImportFile, columns: Collection[str] = ()
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.file = file
        self.columns = sorted(columns)


@dataclass(frozen=True, slots=True)
class Line:
    """A line after the header: its cells by their columns, or why there are none."""

    number: int
    cells: Cells
    remark: Remark | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A file of an import that is kept in pieces."""

    database: Database
    vault: Vault
    import_id: UUID
    file: ImportFile

    async def encoding(self, wanted: str | None) -> str:
        """Return the encoding in which the whole file can be read. Raises FileError."""
        search, empty = EncodingSearch(wanted), True
        async for piece in self._pieces():
            search.show(piece)
            empty = False
        found = search.found()
        if empty:
            raise FileError(FileProblem.FILE_EMPTY, self.file)
        if found is None:
            raise FileError(FileProblem.ENCODING_UNKNOWN, self.file)
        return found

    async def check_header(self, encoding: str, wanted: frozenset[str]) -> None:
        """Raise FileError for a header without `wanted`."""
        async with aclosing(self.lines(encoding, wanted)) as lines:
            await anext(lines, None)

    async def lines(
        self, encoding: str, wanted: frozenset[str]
    ) -> AsyncGenerator[Sequence[Line], None]:
        """Give the lines, many at a time. Raises FileError for a header without `wanted`."""
        records = Records()
        columns: list[str] | None = None
        async for text in self._texts(encoding):
            found = []
            for record in records.feed(text) if text is not None else records.end():
                if columns is None:
                    columns = self._header(record, records, wanted)
                else:
                    found.append(_line(record, columns, records.delimiter or ","))
            if found:
                yield found
        if columns is None:
            raise FileError(FileProblem.FILE_EMPTY, self.file)

    def _header(self, record: Record, records: Records, wanted: frozenset[str]) -> list[str]:
        records.delimiter = delimiter_of(record, wanted)
        columns = list(columns_of(record, records.delimiter))
        if missing := wanted - set(columns):
            raise FileError(FileProblem.COLUMN_MISSING, self.file, missing)
        twice = {name for name, count in Counter(columns).items() if count > 1}
        if twice & wanted:
            raise FileError(FileProblem.COLUMN_REPEATED, self.file, twice & wanted)
        return columns

    def _pieces(self) -> AsyncIterator[bytes]:
        return pieces_of(self.database, self.vault, self.import_id, self.file)

    async def _texts(self, encoding: str) -> AsyncIterator[str | None]:
        """Give the file as text, and None at its end."""
        decoder = codecs.getincrementaldecoder(encoding)()
        async for piece in self._pieces():
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
        yield None


def _line(record: Record, columns: Sequence[str], delimiter: str) -> Line:
    cells = record.cells(delimiter)
    if cells is None:
        return Line(record.line, {}, Remark.BROKEN_QUOTES)
    if len(cells) != len(columns):
        return Line(record.line, {}, Remark.WRONG_NUMBER_OF_CELLS)
    return Line(record.line, dict(zip(columns, cells, strict=True)))


def batches(lines: Sequence[Line], size: int) -> Iterable[Sequence[Line]]:
    """Cut lines into batches."""
    return (lines[first : first + size] for first in range(0, len(lines), size))
