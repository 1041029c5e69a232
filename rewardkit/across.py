"""What responses to unrelated prompts have in common: the sign of a text that answers none of them.

One response does not show whether it would do for any other prompt just as well. Many do: what is said word for word
to prompts that have nothing to do with each other answers neither. So this guard takes the responses to many prompts,
finds for each what stands in the responses to unrelated prompts too, and makes that the argument of
`guards:elsewhere`, which then decides about each response alone. It knows no language and no list of words; it sees a
text that is repeated, and not one that is made up anew for every prompt.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING

from rewardkit.guards import Elsewhere, given_by, is_given
from rewardkit.related import Prompts
from rewardkit.runs import RUN, hashes, in_a_row, letters_of, pieces, runs_of
from rewardkit.text import Text
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from rewardkit.formats.row import Row

_PROMPTS = 2  # unrelated ones to which a stretch has to be said, or one to which more than half of the text was
_KEPT = 4  # prompts a run is remembered of, unrelated to each other, so that enough of them are unrelated to any
_RUNS = 4_000_000  # more are not held in memory at a time


def guarded_across(pairs: Sequence[tuple[Row, str | None]]) -> list[Row]:
    """The rows of these responses, each with a guard against what responses to unrelated prompts say too.

    Left out where the specs say what the answer is, so that unrelated prompts may have the same.
    """
    open_ones = [not any(map(is_given, row.specs)) for row, _ in pairs]
    asked = [(row.prompt, text) for (row, text), is_open in zip(pairs, open_ones, strict=True) if is_open]
    said = iter(said_elsewhere(asked))
    return [
        with_elsewhere(row, next(said)) if is_open else row for (row, _), is_open in zip(pairs, open_ones, strict=True)
    ]


def with_elsewhere(row: Row, said: tuple[str, ...]) -> Row:
    """The row with a guard against these stretches."""
    about = {"prompt": row.prompt, "given": given_by(row.specs)} if said else {}
    return replace(row, specs=(*row.specs, Spec("guards:elsewhere", {"said": said, **about})))


def said_elsewhere(pairs: Sequence[tuple[str, str | None]]) -> list[tuple[str, ...]]:
    """Of each (prompt, response), the stretches that responses to unrelated prompts have too.

    To two of them at least, or to one whose response has more than half of the text. Stretches are of six words or
    more; those of the prompt's own are left out. The same pairs in any order give the same stretches. Takes 0.4 to
    0.6 ms a response; of more than some 100,000, a sample of their runs of words tells first which of them to compare.
    """
    asked = [(prompt, Text(response or "")) for prompt, response in pairs]
    prompts = Prompts([prompt for prompt, _ in pairs])
    step = 1 + sum(len(text.string) for _, text in asked) // (6 * _RUNS)  # a word and its space are six characters
    suspects: Collection[int] = range(len(pairs))
    if step > 1:
        sample = _Said(asked, prompts, step)
        suspects = [at for at in suspects if sample.has_much_of(*asked[at])]
    said = _Said([asked[at] for at in suspects], prompts)
    found: list[tuple[str, ...]] = [()] * len(pairs)
    for at in suspects:
        found[at] = said.stretches(*asked[at])
    return found


def also_said(prompt: str, response: str, others: Iterable[tuple[str, str]], prompts: Prompts) -> tuple[str, ...]:
    """The stretches of one response that these others, to unrelated prompts, have too. prompts: all that are known."""
    return _Said([(other, Text.whole(text)) for other, text in others], prompts).stretches(prompt, Text.whole(response))


class _Said:
    """Which runs of words are said to which prompts, by the hash of the run; of every step-th run."""

    def __init__(self, asked: Iterable[tuple[str, Text]], prompts: Prompts, step: int = 1) -> None:
        self.related, self.step = prompts.related, step
        self.by_run: dict[int, tuple[str, ...]] = {}  # prompts that are unrelated to each other
        for prompt, text in sorted(asked, key=itemgetter(0)):  # so that the order of the pairs decides nothing
            for run in set(self._runs(text)):
                known = self.by_run.get(run, ())
                if len(known) < _KEPT and not any(self.related(prompt, other) for other in known):
                    self.by_run[run] = (*known, prompt)

    def has_much_of(self, prompt: str, text: Text) -> bool:
        """Whether so much of a sample is said to unrelated prompts, a quarter, that the guard may reject it."""
        runs = self._runs(text)
        return 4 * sum(self._unrelated(prompt, run) != [] for run in runs) > len(runs)

    def stretches(self, prompt: str, text: Text) -> tuple[str, ...]:
        """What of the text is said to unrelated prompts too."""
        own = runs_of((prompt,))
        whole = Text.whole(text.string)
        spelled, spans = pieces(whole)
        elsewhere = self._are_elsewhere(prompt, hashes(spelled))
        found: list[tuple[int, int]] = []
        for at, run in enumerate(in_a_row(spelled, RUN)):
            if elsewhere[at] and run not in own:
                start, end = spans[at][0], spans[at + RUN - 1][1]
                if found and start <= found[-1][1]:
                    found[-1] = found[-1][0], end
                else:
                    found.append((start, end))
        return tuple(dict.fromkeys([whole[span] for span in found]))

    def _are_elsewhere(self, prompt: str, runs: list[int]) -> list[bool]:
        """Which of the runs are said to two unrelated prompts, or to the one to which more than half of them are."""
        others = [self._unrelated(prompt, run) for run in runs]
        most = Counter([other for found in others for other in found]).most_common(1)
        alone = most[0][0] if most and 2 * most[0][1] > len(runs) else None
        return [len(found) >= _PROMPTS or alone in found for found in others]

    def _unrelated(self, prompt: str, run: int) -> list[str]:
        return [other for other in self.by_run.get(run, ()) if not self.related(prompt, other)]

    def _runs(self, text: Text) -> list[int]:
        if len(text.string) < 2 * Elsewhere().words:
            return []
        own = Text.whole(text.string)  # the words of all responses are not to be held
        return [run for run in hashes(letters_of(own)) if self.step == 1 or run % self.step == 0]
