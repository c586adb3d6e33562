"""Which encoding a file is in: said by its first bytes, or the one that fits all of it."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

UTF8: Final = "utf-8"
GB18030: Final = "gb18030"

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
KNOWN: Final = frozenset({UTF8, "utf-8-sig", GB18030, "utf-16", "utf-16-le", "utf-16-be"})


@dataclass(slots=True)
class EncodingSearch:
    """Is shown a file piece by piece and keeps the encodings that fit so far.

    GB18030 gives a sense to most bytes, so it is believed only where UTF-8 does not fit.
    """

    wanted: str | None = None
    _left: dict[str, codecs.IncrementalDecoder] = field(default_factory=dict)
    _begun: bool = False

    def show(self, piece: bytes) -> None:
        """Look at the next piece."""
        if not self._begun:
            self._begun = True
            names = [self.wanted] if self.wanted else list(_candidates(piece))
            self._left = {name: codecs.getincrementaldecoder(name)() for name in names}
        self._keep(piece, final=False)

    def found(self) -> str | None:
        """Return the encoding when all was shown, None when there is none."""
        self._keep(b"", final=True)
        return next(iter(self._left), None)

    def _keep(self, piece: bytes, *, final: bool) -> None:
        for name, decoder in list(self._left.items()):
            try:
                text = decoder.decode(piece, final)
            except UnicodeDecodeError:
                del self._left[name]
                continue
            if "\x00" in text:
                del self._left[name]


def _candidates(piece: bytes) -> Iterator[str]:
    for mark, name in MARKS:
        if piece.startswith(mark):
            yield name
            return
    if 0 in piece:  # each comma has one beside it in UTF-16; no other text has any
        big_endian = piece[0::2].count(0) > piece[1::2].count(0)
        yield "utf-16-be" if big_endian else "utf-16-le"
        return
    yield UTF8
    yield GB18030
