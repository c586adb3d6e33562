"""Labels of the codes, in Chinese and English, so that no front-end keeps its own list."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

Word = TypeVar("Word", bound=StrEnum)

Labels = Mapping[str, tuple[str, str]]
"""For each code its Chinese and its English label."""


def labels_of(words: type[Word], labels: Mapping[Word, tuple[str, str]]) -> Labels:
    """Return the labels of an enum. Raises ValueError when one is missing or too many."""
    if set(labels) != set(words):
        msg = f"{words.__name__}: labels do not fit {sorted(set(words) ^ set(labels))}"
        raise ValueError(msg)
    return {str(code): label for code, label in labels.items()}
