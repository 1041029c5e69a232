"""Which prompts may ask for the same, so that their responses may agree."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from math import fsum, log
from typing import TYPE_CHECKING

from rewardkit.content_words import stems_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEW = 10  # prompts; among fewer, nobody can tell the frame of a set from a question that is asked again


class Prompts:
    """Some prompts, each once, and which of them are related.

    Two are if a third of the content words of the one with fewer are the other's, by weight; one without any may ask
    for anything. Public sets ask for the same under other constraints, and responses to such prompts may well agree.
    The more of the prompts a word stands in, the less it weighs (inverse document frequency; Sparck Jones 1972):
    "Write a poem about ..." or the wording of a constraint is the frame of a set, and no question that it repeats.
    """

    def __init__(self, prompts: Iterable[str] = ()) -> None:
        self.prompts: set[str] = set()
        self._in: Counter[str] = Counter()  # how many prompts a word stands in, by its stem
        self.related = lru_cache(maxsize=100_000)(self._related)
        for prompt in prompts:
            self.add(prompt)

    def add(self, prompt: str) -> None:
        """One more, if it is not among them."""
        if prompt not in self.prompts:
            self.prompts.add(prompt)
            self._in.update(stems_of(prompt))
            self.related.cache_clear()

    def _related(self, one: str, other: str) -> bool:
        """Whether two of them may ask for the same."""
        if one == other:
            return True
        a, b = stems_of(one), stems_of(other)
        return 3 * self._weight(a & b) >= min(self._weight(a), self._weight(b))

    def _weight(self, stems: Iterable[str]) -> float:
        most = len(self.prompts) + _FEW
        return fsum([log(most / max(self._in[stem], 1)) for stem in stems])  # in any order the same
