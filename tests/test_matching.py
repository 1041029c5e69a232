"""Keywords: what counts as an occurrence, and what a policy may try to make count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardkit import characters
from rewardkit.matching import disguised, ends_with, occurrences, starts_with
from rewardkit.text import Text

CLOSERS = " \n*\"'"


@pytest.mark.parametrize(
    ("phrase", "response", "count"),
    [
        ("art", 'Art, art\'s (art) art-lover _art_ "art"', 6),
        ("art", "party smart arts artful Mozart2 art2", 0),
        ("can", "can can't cannot", 1),
        ("it", "It's it'll it'd its", 3),
        ("can't", "can\u2019t can't cant", 2),
        ("$5", "$5 $5. $50 $5.50 US$5", 3),
        ("C++", "C++ C++11 C++, C", 3),
        ("5", "5 15 5.5 1,5 5, x5", 2),
        ("ice cream", "ice cream ice\n cream icecream ice-cream", 2),
        ("café", "cafe\u0301 CAFÉ cafe", 2),
        ("word", "wo\u200brd w\u00adord word", 3),
        ("good", "\uff47\uff4f\uff4f\uff44 \U0001d420\U0001d428\U0001d428\U0001d41d", 2),
        ("咖啡", "我喝咖啡和咖啡因", 2),
        ("Python", "我用Python写", 1),
        ("сыр", "Сыр сыра", 1),
        ("σοφός", "ΣΟΦΌΣ σοφός", 2),
        ("aa", "aaaa aa", 1),
        (".", "a. b. c", 2),
        ("snake", "snake_case snake", 1),
        ("a b a", "a b a b a", 1),
    ],
)
def test_occurrences(phrase, response, count):
    text = Text(response)
    found = occurrences(text, phrase)
    assert len(found) == count, [text[span] for span in found]
    assert all(text[span] for span in found)


@pytest.mark.parametrize(
    ("phrase", "response", "count"),
    [
        ("good", "gооd", 1),  # Cyrillic
        ("good", "goοd", 1),  # Greek
        ("cop", "сор", 0),  # all Cyrillic: a Russian word
        ("good", "good", 0),
    ],
)
def test_disguises(phrase, response, count):
    assert len(disguised(Text(response), phrase)) == count


@pytest.mark.parametrize(
    ("phrase", "response", "span"),
    [
        ("Bye now.", "So. Bye now.", (4, 12)),
        ("Bye now.", 'So. "Bye\nnow."**', (5, 13)),
        ("now", "bye now", (4, 7)),
        ("now", "unknow", None),
        ("now", "now then", None),
        ("no no", "no no no", (3, 8)),
    ],
)
def test_ends_with(phrase, response, span):
    assert ends_with(Text(response), phrase, CLOSERS) == span


@pytest.mark.parametrize(
    ("phrase", "response", "marks", "span"),
    [
        ("Say it.", "  Say   it. Ok", False, (2, 11)),
        ("it", "**It's", True, (2, 4)),
        ("it", "**It's", False, None),
        ("it", "items", True, None),
        ("Say it.", "Please say it.", True, None),
    ],
)
def test_starts_with(phrase, response, marks, span):
    assert starts_with(Text(response), phrase, after_marks=marks) == span


@given(st.text("aB \u0301\u0130\ufb01\ufdfa\u200b\u1100\u1161\u20ac\r\n", max_size=60), st.integers(0, 9))
def test_folding_in_windows_is_folding_at_once(text, window):
    whole = characters.fold(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(characters, "_WINDOW", window)
        folded = characters.fold(text)
    assert folded.string == whole.string
    positions = range(len(whole.string))
    assert [folded.source(at, at + 1) for at in positions] == [whole.source(at, at + 1) for at in positions]
