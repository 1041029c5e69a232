"""What was said lately, for those who see one response at a time: `rewardkit.across` in turn.

Most frameworks score a response as soon as it is there, so that a template which is said to every prompt is never seen
beside itself. A memory of the last responses sees it: each response finds those before it that share runs of words with
it, and is compared with these as responses verified together are.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakSet

from rewardkit.across import also_said
from rewardkit.related import Prompts
from rewardkit.runs import hashes, in_a_row, letters_of
from rewardkit.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

_Pair = tuple[str, str]  # a prompt and a response
_Index = dict[int, tuple[_Pair, ...]]  # by the hash of a run: who said it, to prompts unrelated to each other

_WINDOW = 4  # neighbouring runs of a response of which one is remembered
_KEPT = 4  # responses that a run is remembered of
_HELD = 30_000  # characters of a response, so that degenerate ones fill no memory
_COMPARED = 16  # earlier responses, those that share most of the runs


class Memory:
    """The last responses, and what was said in them.

    size: each response is compared with so many before it at least, and with twice as many at most. Of each are held
    its first 30,000 characters and two fifths of their runs of words, some 15 KB for 200 words.

    Nobody can tell who says something first: what is found depends on what was said before, and two processes do not
    know of each other. Any threads may share one; a pickled copy begins anew.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._lock = threading.Lock()
        self._latest: _Index = {}
        self._earlier: _Index = {}
        self._count = 0  # of the latest
        self._prompts = Prompts()  # of all of them
        self._lately: set[str] = set()  # prompts of the latest
        _all.add(self)

    def __reduce__(self) -> tuple[type[Memory], tuple[int]]:
        return Memory, (self.size,)

    def said_before(self, prompt: str, response: str | None) -> tuple[str, ...]:
        """The stretches of the response that were said to unrelated prompts before, as `said_elsewhere` finds them.

        It is remembered in turn. Takes 0.4 to 0.8 ms for 200 words, some more where something of it was said before.
        """
        string = Text(response or "").string
        runs = _fingerprint(prompt, string)
        held = string[:_HELD]
        held_runs = runs if len(string) <= _HELD else _fingerprint(prompt, held)
        with self._lock:
            said = [(*self._latest.get(run, ()), *self._earlier.get(run, ())) for run in runs]
            self._remember((prompt, held), held_runs)
            prompts = self._prompts
        times = Counter([pair for pairs in said for pair in pairs if not prompts.related(prompt, pair[0])])
        most = sorted(times, key=lambda pair: (-times[pair], pair))[:_COMPARED]
        return also_said(prompt, string, most, prompts) if most else ()

    def _remember(self, pair: _Pair, runs: Iterable[int]) -> None:
        if self._count == self.size:
            self._earlier, self._latest, self._count = self._latest, {}, 0
            self._prompts, self._lately = Prompts(self._lately), set()
        self._count += 1
        self._prompts.add(pair[0])
        self._lately.add(pair[0])
        for run in runs:
            known = self._latest.get(run, ())
            if len(known) < _KEPT and not any(self._prompts.related(pair[0], other) for other, _ in known):
                self._latest[run] = (*known, pair)


_all: WeakSet[Memory] = WeakSet()


def _unlock() -> None:
    """After a fork the thread that held a lock is gone."""
    for memory in _all:
        memory._lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


def _fingerprint(prompt: str, response: str) -> set[int]:
    """Some of the runs that are the response's own."""
    asked = _runs_of(prompt)
    return winnowed([run for run in hashes(letters_of(Text.whole(response))) if run not in asked])


@lru_cache(maxsize=1024)
def _runs_of(prompt: str) -> frozenset[int]:
    return frozenset(hashes(letters_of(Text.whole(prompt))))


def winnowed(runs: list[int]) -> set[int]:
    """Fewer of the runs, and yet one at least of any four neighbours: two texts that share nine words share one.

    Source: Schleimer, Wilkerson and Aiken (2003), Winnowing: local algorithms for document fingerprinting, SIGMOD.
    """
    return set(map(min, in_a_row(runs, _WINDOW))) if len(runs) >= _WINDOW else set(runs)
