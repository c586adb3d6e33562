"""Find Chinese and other words without a dictionary: by pairs of neighbouring characters."""

import unicodedata
from typing import Final

from shared.errors import InvalidError

SHORTEST: Final = 2
"""One character has no neighbour; it would find half the archive."""


def grams(text: str) -> list[str]:
    """Return the pairs of neighbouring letters and digits of a text, each once, sorted."""
    plain = searchable(text)
    return sorted(
        {plain[at : at + 2] for at in range(len(plain) - 1) if " " not in plain[at : at + 2]}
    )


def searchable(text: str) -> str:
    """Return a text as it is searched: one case, one width, and one space for all between words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


def searched(words: str | None) -> list[str]:
    """Return the words that are looked for. Raises InvalidError for one that is too short."""
    wanted = searchable(words or "").split()
    if any(len(word) < SHORTEST for word in wanted):
        raise InvalidError("word_too_short", "Every word needs at least two characters.")
    return wanted
