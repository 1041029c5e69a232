"""Words in a row that two texts share: what is said again, whatever marks and capitals it is dressed up in."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rewardkit.text import Text

if TYPE_CHECKING:
    from rewardkit.types import Span

RUN = 6  # words in a row that hardly stand in two texts by chance
_LONGEST = 30  # letters of a word; longer ones are text without spaces


def pieces(text: Text) -> tuple[list[str], list[Span]]:
    """The words in small letters with their spans; text without spaces is cut every five letters."""
    spelled, spans = text.spelled, list(text.words)
    if max(map(len, spelled), default=0) <= _LONGEST:
        return spelled, spans
    cut: list[Span] = []
    for start, end in spans:
        step = 5 if end - start > _LONGEST else end - start
        cut += [(at, min(at + step, end)) for at in range(start, end, step)]
    return [text[span].lower() for span in cut], cut


@lru_cache(maxsize=1024)
def runs(words: tuple[str, ...], size: int) -> frozenset[tuple[str, ...]]:
    """The runs of so many words."""
    return frozenset(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def runs_of(texts: tuple[str, ...]) -> frozenset[tuple[str, ...]]:
    """The runs of six words of all the texts, in small letters."""
    return frozenset().union(*[runs(tuple(pieces(Text(text))[0]), RUN) for text in texts])


def covered(words: list[str], known: frozenset[tuple[str, ...]], size: int) -> tuple[bytearray, set[tuple[str, ...]]]:
    """Which of the words stand in known runs, a byte each; and those runs."""
    inside = bytearray(len(words))
    used = set()
    for at, run in enumerate(zip(*[words[shift:] for shift in range(size)], strict=False)):
        if run in known:
            used.add(run)
            inside[at : at + size] = b"\1" * size
    return inside, used
