"""Which words of a text have a content of their own, how much it weighs, and by what stem they are recognised.

The weight is from .1 for the commonest English words to 2.5 for words that are not among the 6,500 commonest.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from rewardkit.characters import unspaced
from rewardkit.english import stop_words
from rewardkit.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rewardkit.types import Span

WORD = re.compile(r"[^\W_]+")


@cache
def listed(name: str) -> tuple[str, ...]:
    """The lines of a list that the package carries.

    form_words: what a prompt says about the form of the answer, so that it relates no answer to it. refusals: how
    models decline, at the beginning of a response, in the languages that public prompts ask for. fillers: what dummy
    text and talk about the response itself say.
    """
    return tuple(files("rewardkit").joinpath(f"data/{name}.txt").read_text("utf-8").splitlines())


@cache
def _empty_words() -> frozenset[str]:
    """Words that have no content of their own: stop words, and words about the form of an answer."""
    return stop_words() | frozenset(listed("form_words"))


@cache
def _frequencies() -> dict[str, float]:
    """The commonest English words, with how many times as frequent as the last of them they are (decimal logarithm)."""
    lines = files("rewardkit").joinpath("data/frequent_words.tsv").read_text("utf-8").splitlines()
    return {word: float(power) for power, words in (line.split("\t") for line in lines) for word in words.split()}


@cache
def _rarer() -> frozenset[str]:
    """The next 45,000 English words and names in order of frequency, without inflections."""
    return frozenset(listed("rarer_words"))


def _stem(word: str) -> str:
    """The word without the endings of English inflection, cut to five letters: enough to recognise it."""
    for ending in ("'s", "ies", "ing", "ed", "es", "s", "ly", "er", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if ending in ("ing", "ed", "er") and word[-1] == word[-2] and word[-1] not in "lsz":  # "stopped"
                word = word[:-1]
            break
    return word[:5]


def is_english(prompt: str) -> bool:
    """Whether more than one word in eight is an English stop word or one about the form of an answer."""
    words = [word for word in WORD.findall(prompt.lower()) if word.isalpha()]
    return 8 * sum(map(_empty_words().__contains__, words)) > len(words)


_SPECIFIC = 2.0


class Content(NamedTuple):
    """What a word says: its stem, how much that weighs, and whether it is rare enough to be about something."""

    stem: str
    weight: float
    is_specific: bool


@lru_cache(maxsize=100_000)
def content_of(word: str) -> Content | None:
    """What a word in small letters says; None for one without a content of its own."""
    if word in _empty_words() or not (len(word) > 2 or word.isdigit() or unspaced.match(word)):
        return None
    weight = _weight(word)
    return Content(_stem(word), weight, weight >= _SPECIFIC and not word.isdigit())


def _weight(word: str) -> float:
    if word.isdigit():
        return (0.1, 0.5, 1.0)[min(len(word), 3) - 1]  # numbers of list items and counts stand in any prompt
    known = [power for form in _bases(word) if (power := _frequencies().get(form)) is not None]
    return max(2.0 - max(known), 0.1) if known else 2.5


@lru_cache(maxsize=100_000)
def is_known(word: str) -> bool:
    """Whether a dictionary has the word, or no English one could; what lost a letter is no rare word."""
    return not (word.isascii() and word.isalpha()) or any(
        base in _frequencies() or base in _rarer() for base in _bases(word)
    )


def _bases(word: str) -> Iterator[str]:
    """The word and what it may be an inflection of."""
    yield word
    for ending, others in _ENDINGS.items():
        if word.endswith(ending) and len(word) - len(ending) > 2:
            base = word[: -len(ending)]
            yield from [base + other for other in others]
            if base[-1] == base[-2]:  # "stopped"
                yield base[:-1]


_ENDINGS = {"s": ("",), "es": ("",), "ies": ("y",), "ed": ("", "e"), "ied": ("y",), "ing": ("", "e"), "ly": ("",),
            "er": ("", "e"), "ier": ("y",), "est": ("", "e")}  # fmt: skip


def parts(string: str, spans: Iterable[Span]) -> Iterable[Span]:
    """The words, hyphenated ones by their parts: an "XML-tree" is about XML."""
    return _parts(string, spans) if "-" in string else spans


def _parts(string: str, spans: Iterable[Span]) -> Iterator[Span]:
    for start, end in spans:
        while (hyphen := string.find("-", start, end)) >= 0:
            if hyphen > start:
                yield start, hyphen
            start = hyphen + 1
        yield start, end


def is_name(string: str, at: int) -> bool:
    """Whether the word there has a capital that no beginning of a sentence or line gives it."""
    return string[at].isupper() and (string[max(0, at - 8) : at].rstrip(" *_\"'(")[-1:] or "\n") not in ".!?:\n"


@lru_cache(maxsize=4096)
def stems_of(string: str) -> frozenset[str]:
    """The stems of all words with a content of their own."""
    lower = string.lower()
    words = [lower[start:end] for start, end in parts(lower, Text.whole(lower).words)]
    found = [content for word in words if (content := content_of(word)) is not None]
    return frozenset([content.stem for content in found])
