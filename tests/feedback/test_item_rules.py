"""The rules of feedback, without a database."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.items.classifier_rules import Keyword, propose
from services.feedback.items.importance_rules import ImportanceFacts, weigh
from services.feedback.items.keyword_seed import shipped_keywords
from services.feedback.items.rules import (
    IllegalItemMoveError,
    ItemLimits,
    Terms,
    after,
    allowed_moves,
)
from services.feedback.items.search_rules import grams, searchable
from services.feedback.items.vocabulary import (
    FeedbackKind,
    Importance,
    ImportanceReason,
    ItemMove,
    ItemState,
    KeywordTarget,
    Sentiment,
)

SHIPPED = frozenset(shipped_keywords())
HOUR = timedelta(hours=1)

LIFE = (
    ItemState.RECEIVED,
    ItemState.CLASSIFIED,
    ItemState.ANALYZED,
    ItemState.PROCESSING,
    ItemState.REPLIED,
    ItemState.FOLLOWING_UP,
    ItemState.CLOSED,
)


@given(st.lists(st.sampled_from(ItemMove), max_size=30))
def test_whatever_is_tried_no_state_is_jumped_over(moves: list[ItemMove]) -> None:
    state, seen = ItemState.RECEIVED, [ItemState.RECEIVED]
    for move in moves:
        with suppress(IllegalItemMoveError):
            state = after(state, move)
        seen.append(state)
    for before, present in pairwise(seen):
        step = LIFE.index(present) - LIFE.index(before)
        assert step <= 1
        assert step >= 0 or present is ItemState.PROCESSING


def test_a_refusal_names_what_is_allowed_instead() -> None:
    with pytest.raises(IllegalItemMoveError) as refused:
        after(ItemState.CLASSIFIED, ItemMove.CLOSE)
    allowed = refused.value.facts["allowed"]
    assert ItemMove.ANALYZE in allowed
    assert all(after(ItemState.CLASSIFIED, move) for move in allowed)


def test_closed_feedback_allows_nothing_but_amending_its_record() -> None:
    assert allowed_moves(ItemState.CLOSED) == [ItemMove.AMEND]


def facts(**changes: object) -> ImportanceFacts:
    plain = {
        "kind": FeedbackKind.OPINION,
        "channel": "web",
        "satisfaction": 3,
        "low": False,
        "grade": "standard",
        "safety": False,
        "public": False,
        "sentiment": Sentiment.NEGATIVE,
    }
    return ImportanceFacts(**plain | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, ()),
        ({"kind": FeedbackKind.COMPLAINT}, (ImportanceReason.COMPLAINT,)),
        ({"satisfaction": 2}, (ImportanceReason.LOW_SCORE,)),
        ({"low": True, "satisfaction": None}, (ImportanceReason.LOW_SCORE,)),
        ({"grade": "high_value"}, (ImportanceReason.KEY_ACCOUNT,)),
        ({"safety": True}, (ImportanceReason.SAFETY,)),
        ({"channel": "hotline_12345"}, (ImportanceReason.HOTLINE_12345,)),
        ({"public": True}, (ImportanceReason.PUBLIC_NEGATIVE_REVIEW,)),
        ({"public": True, "sentiment": Sentiment.POSITIVE}, ()),
    ],
)
def test_each_rule_makes_feedback_important_and_can_be_switched_off(
    changes: dict[str, object], reasons: tuple[ImportanceReason, ...]
) -> None:
    expected = Importance.IMPORTANT if reasons else Importance.NORMAL
    assert weigh(facts(**changes), set(ImportanceReason)) == (expected, reasons)
    assert weigh(facts(**changes), set(ImportanceReason) - set(reasons))[0] is Importance.NORMAL


def test_important_feedback_has_the_short_limits() -> None:
    terms = Terms(
        ItemLimits(24 * HOUR, 48 * HOUR),
        ItemLimits(48 * HOUR, 120 * HOUR),
        timedelta(days=1),
        ZoneInfo("Asia/Shanghai"),
    )
    received = datetime(2026, 11, 1, 8, tzinfo=UTC)
    due = terms.due(Importance.IMPORTANT, received)
    assert due["response_due_at"] == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert due["result_due_at"] == datetime(2026, 11, 3, 8, tzinfo=UTC)
    due = terms.due(Importance.NORMAL, received)
    assert due["response_due_at"] == datetime(2026, 11, 3, 8, tzinfo=UTC)
    assert due["result_due_at"] == datetime(2026, 11, 6, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "category", "sentiment"),
    [
        ("师傅态度很热情，谢谢！", "attitude", Sentiment.POSITIVE),
        ("客服不耐烦，说话敷衍", "attitude", Sentiment.NEGATIVE),
        ("报修三天没人联系，太慢了", "response_speed", Sentiment.NEGATIVE),
        ("没有不满意的地方", None, Sentiment.POSITIVE),
        ("不满意", None, Sentiment.NEGATIVE),
        ("修得不错，就是等了太久", "response_speed", Sentiment.POSITIVE),
        ("师傅很专业，但是收费太贵了", "product_price", Sentiment.MIXED),
        ("发票一直没开，退款也不到账", "billing", None),
        ("The staff were rude and the bill was wrong", "attitude", Sentiment.NEGATIVE),
        ("not good", None, Sentiment.NEGATIVE),
        ("今天来过", None, None),
        ("ｓｌｏｗ　ＲＥＰＬＹ", "response_speed", Sentiment.NEGATIVE),
    ],
)
def test_words_propose_a_category_and_a_sentiment_or_nothing(
    text: str, category: str | None, sentiment: Sentiment | None
) -> None:
    proposed = propose(text, SHIPPED, satisfaction=None, nps=None)
    assert (proposed.category, proposed.sentiment) == (category, sentiment)


@pytest.mark.parametrize(
    ("text", "satisfaction", "nps", "sentiment"),
    [
        (None, None, 3, Sentiment.NEGATIVE),
        (None, 5, 3, Sentiment.POSITIVE),
        ("太好了，谢谢你们让我等了三天", 1, None, Sentiment.MIXED),
        ("一般", 1, None, Sentiment.NEGATIVE),
        ("一般", 3, None, Sentiment.NEUTRAL),
    ],
)
def test_a_rating_speaks_where_words_do_not_and_contradicts_them_where_they_do(
    text: str | None, satisfaction: int | None, nps: int | None, sentiment: Sentiment
) -> None:
    assert propose(text, SHIPPED, satisfaction=satisfaction, nps=nps).sentiment is sentiment


@pytest.mark.parametrize("text", ["厨房有燃气味", "I smell gas here", "阀门漏气，没有人来"])
def test_words_of_danger_are_heard(text: str) -> None:
    assert propose(text, SHIPPED, satisfaction=None, nps=None).safety


@pytest.mark.parametrize("text", ["没有漏气", "there is no gas leak", "很好"])
def test_a_danger_that_is_denied_is_none(text: str) -> None:
    assert not propose(text, SHIPPED, satisfaction=None, nps=None).safety


@given(st.text(max_size=80))
def test_any_text_is_classified_without_a_failure_and_alike_each_time(text: str) -> None:
    again = frozenset(sorted(SHIPPED, key=str, reverse=True))
    once, twice = (propose(text, words, satisfaction=None, nps=None) for words in (SHIPPED, again))
    assert once == twice


def test_a_latin_word_is_not_found_inside_another() -> None:
    words = frozenset({Keyword(KeywordTarget.CATEGORY, "billing", "bill")})
    assert propose("a billion", words, satisfaction=None, nps=None).category is None
    assert propose("my bill!", words, satisfaction=None, nps=None).category == "billing"


WORDS = st.text(alphabet="退款慢 aB1，。师傅", min_size=2, max_size=8)


@given(before=WORDS, wanted=WORDS, behind=WORDS)
def test_whatever_stands_in_a_text_is_found_by_its_pairs(
    before: str, wanted: str, behind: str
) -> None:
    text = grams(f"{before}{wanted}{behind}")
    for word in searchable(wanted).split():
        assert set(grams(word)) <= set(text)
