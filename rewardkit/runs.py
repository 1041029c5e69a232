"""Words in a row that two texts share: what is said again, whatever marks and capitals it is dressed up in."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from unicodedata import normalize
from zlib import crc32

from rewardkit.characters import ignorables, looks_latin
from rewardkit.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewardkit.types import Span

_T = TypeVar("_T")

RUN = 6  # words in a row that hardly stand in two texts by chance
_LONGEST = 30  # letters of a word; longer ones are text without spaces


def pieces(text: Text) -> tuple[list[str], list[Span]]:
    """The words as they are compared, with their spans: the letters of each, as a reader takes them.

    Capitals, accents, look-alikes and invisible characters make no difference, and numbers are no words, so that none
    of them breaks a run. Text without spaces is cut every five letters.
    """
    found: list[str] = []
    kept: list[Span] = []
    for spelled, (start, end) in zip(text.spelled, text.words, strict=True):
        if end - start <= _LONGEST:
            word = spelled if spelled.isascii() and spelled.isalpha() else _letters(spelled)
            if word:
                found.append(word)
                kept.append((start, end))
            continue
        for at in range(start, end, 5):
            if word := _letters(text.string[at : min(at + 5, end)].lower()):
                found.append(word)
                kept.append((at, min(at + 5, end)))
    return found, kept


def letters_of(text: Text) -> list[str]:
    """The words that `pieces` gives, without their spans, which take longest."""
    spelled = text.spelled
    if max(map(len, spelled), default=0) > _LONGEST:
        return pieces(text)[0]
    return [word for one in spelled if (word := one if one.isascii() and one.isalpha() else _letters(one))]


@lru_cache(maxsize=100_000)
def _letters(word: str) -> str:
    plain = normalize("NFKD", looks_latin(ignorables.sub("", word)))
    return "".join([letter for letter in plain if letter.isalpha()])


def in_a_row(items: list[_T], size: int) -> Iterator[tuple[_T, ...]]:
    """Every so many of the items that stand next to each other."""
    return zip(*[items[shift:] for shift in range(size)], strict=False)


def hashes(words: list[str]) -> list[int]:
    """A number for each run of six words, the same in any process."""
    return [*map(hash, in_a_row([*map(_code, words)], RUN))]


@lru_cache(maxsize=100_000)
def _code(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=1024)
def runs(words: tuple[str, ...], size: int) -> frozenset[tuple[str, ...]]:
    """The runs of so many words."""
    return frozenset(in_a_row([*words], size))


def runs_of(texts: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """The runs of six words of all the texts, in small letters."""
    return frozenset().union(*[runs(tuple(letters_of(Text.whole(text))), RUN) for text in texts])


def covered(words: list[str], known: frozenset[tuple[str, ...]], size: int) -> tuple[bytearray, set[tuple[str, ...]]]:
    """Which of the words stand in known runs, a byte each; and those runs."""
    inside = bytearray(len(words))
    used = set()
    for at, run in enumerate(in_a_row(words, size)):
        if run in known:
            used.add(run)
            inside[at : at + size] = b"\1" * size
    return inside, used
