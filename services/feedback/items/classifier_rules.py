"""Propose by keywords what feedback is about, how it sounds and who should have it.

No model: the words are data that people read and change, and each proposal names those it found.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.feedback.items.vocabulary import KeywordTarget, Sentiment

NEGATION: Final = re.compile(
    r"(?:不是?|没有?|未|无|别|不太|不够|不怎么|并不|没什么|\bnot|\bno|\bnever|n't|\bwithout)"
    r"(?:\s+(?:a|an|any|at all|very|so|really))*\s*$"
)
"""What turns the word that follows it into its opposite."""

BAD_RATING: Final = 2
GOOD_RATING: Final = 4
DETRACTOR: Final = 6
PROMOTER: Final = 9


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that speaks for a value: a category's code, a sentiment, a unit, or a danger."""

    target: KeywordTarget
    value: str
    word: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the words say; None where they say nothing. `matched` are the words that were found."""

    category: str | None
    sentiment: Sentiment | None
    department: str | None
    safety: bool
    matched: tuple[str, ...]


def folded(text: str) -> str:
    """Return a text as words are looked for in it: without width, case and curly apostrophes."""
    return unicodedata.normalize("NFKC", text).replace("’", "'").casefold()


def propose(
    text: str | None, keywords: frozenset[Keyword], *, satisfaction: int | None, nps: int | None
) -> Proposal:
    """Return what a text and its rating say about it."""
    plain = folded(text or "")
    found = {target: list(_found(plain, keywords, target)) for target in KeywordTarget}
    sentiment = _sentiment(plain, found[KeywordTarget.SENTIMENT])
    matched = {one.word for hits in found.values() for one, _ in hits}
    return Proposal(
        category=_heaviest(found[KeywordTarget.CATEGORY]),
        sentiment=_with_rating(sentiment, satisfaction, nps),
        department=_heaviest(found[KeywordTarget.DEPARTMENT]),
        safety=any(not _negated(plain, at) for _, at in found[KeywordTarget.SAFETY]),
        matched=tuple(sorted(matched)),
    )


def _found(
    text: str, keywords: frozenset[Keyword], target: KeywordTarget
) -> Iterator[tuple[Keyword, int]]:
    """Give the words of a target that occur, each with its place; the longest first at a place."""
    pattern, words = _pattern(keywords, target)
    if words:
        for match in pattern.finditer(text):
            yield words[match.group()], match.start()


@lru_cache(maxsize=64)
def _pattern(
    keywords: frozenset[Keyword], target: KeywordTarget
) -> tuple[re.Pattern[str], dict[str, Keyword]]:
    words = {folded(one.word): one for one in keywords if one.target is target}
    longest = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(_whole(word) for word in longest)), words


def _whole(word: str) -> str:
    """Return the pattern of a word; a Latin one is not found inside another."""
    before = r"(?<![a-z0-9])" if word[:1].isascii() and word[:1].isalnum() else ""
    behind = r"(?![a-z0-9])" if word[-1:].isascii() and word[-1:].isalnum() else ""
    return before + re.escape(word) + behind


def _heaviest(hits: Iterable[tuple[Keyword, int]]) -> str | None:
    """Return the value with the most letters found for it; of two alike, the one found first."""
    weights: dict[str, int] = {}
    for keyword, _ in hits:
        weights[keyword.value] = weights.get(keyword.value, 0) + len(keyword.word)
    return max(weights, key=lambda value: weights[value]) if weights else None


def _sentiment(text: str, hits: Iterable[tuple[Keyword, int]]) -> Sentiment | None:
    heard = {_turned(Sentiment(one.value), negated=_negated(text, at)) for one, at in hits}
    if {Sentiment.POSITIVE, Sentiment.NEGATIVE} <= heard:
        return Sentiment.MIXED
    loud = heard - {Sentiment.NEUTRAL}
    return loud.pop() if loud else heard.pop() if heard else None


def _negated(text: str, at: int) -> bool:
    return NEGATION.search(text, max(0, at - 16), at) is not None


def _turned(sentiment: Sentiment, *, negated: bool) -> Sentiment:
    opposite = {
        Sentiment.POSITIVE: Sentiment.NEGATIVE,
        Sentiment.NEGATIVE: Sentiment.POSITIVE,
    }
    return opposite.get(sentiment, sentiment) if negated else sentiment


def _with_rating(
    words: Sentiment | None, satisfaction: int | None, nps: int | None
) -> Sentiment | None:
    """Return the sentiment; a rating that contradicts the words makes it mixed."""
    rated = _rated(satisfaction, nps)
    if words is None or words is Sentiment.NEUTRAL:
        return rated or words
    return Sentiment.MIXED if rated not in {None, words} else words


def _rated(satisfaction: int | None, nps: int | None) -> Sentiment | None:
    if satisfaction is not None:
        bad, good = satisfaction <= BAD_RATING, satisfaction >= GOOD_RATING
    elif nps is not None:
        bad, good = nps <= DETRACTOR, nps >= PROMOTER
    else:
        return None
    return Sentiment.NEGATIVE if bad else Sentiment.POSITIVE if good else None
