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
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from rewardkit.content_words import stems_of
from rewardkit.guards import Elsewhere, given_by, is_given
from rewardkit.runs import RUN, hashes, letters_of, pieces, runs_of
from rewardkit.text import Text
from rewardkit.types import Spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rewardkit.formats.row import Row

_PROMPTS = 2  # unrelated ones to which a stretch has to be said, or one to which more than half of the text was
_KEPT = 4  # prompts a run is remembered of, unrelated to each other, so that enough of them are unrelated to any
_RUNS = 4_000_000  # more are not held in memory at a time


def guarded_across(pairs: Sequence[tuple[Row, str | None]]) -> list[Row]:
    """The rows of these responses, each with a guard against what responses to unrelated prompts say too.

    Left out where the specs say what the answer is, so that unrelated prompts may have the same.
    """
    open_ones = [not any(map(is_given, row.specs)) for row, _ in pairs]
    asked = [(asked_by(row), text) for (row, text), is_open in zip(pairs, open_ones, strict=True) if is_open]
    said = iter(said_elsewhere(asked))
    return [
        with_elsewhere(row, next(said)) if is_open else row for (row, _), is_open in zip(pairs, open_ones, strict=True)
    ]


def with_elsewhere(row: Row, said: tuple[str, ...]) -> Row:
    """The row with a guard against these stretches."""
    about = {"prompt": row.prompt, "given": given_by(row.specs)} if said else {}
    return replace(row, specs=(*row.specs, Spec("guards:elsewhere", {"said": said, **about})))


class Asked(NamedTuple):
    """A prompt, and the constraints that stand in it: each one's id and arguments, in order; "" if not known."""

    prompt: str
    constraints: str = ""


def asked_by(row: Row) -> Asked:
    """What a row asks for."""
    own = [f"{spec.id} {dict(spec.args)}" for spec in row.specs if not spec.id.startswith("guards:")]
    return Asked(row.prompt, "\n".join(sorted(own)))


def said_elsewhere(pairs: Sequence[tuple[str | Asked, str | None]]) -> list[tuple[str, ...]]:
    """Of each (prompt or what is asked, response), the stretches that responses to unrelated prompts have too.

    To two of them at least, or to one whose response has more than half of the text. Stretches are of six words or
    more; those of the prompt's own are left out. The same pairs in any order give the same stretches. Takes 0.4 to
    0.6 ms a response; of more than some 100,000, a sample of their runs of words tells first which of them to compare.
    """
    texts = [Text(response or "") for _, response in pairs]
    prompts = [Asked(prompt) if isinstance(prompt, str) else prompt for prompt, _ in pairs]
    everyone = range(len(pairs))
    step = 1 + sum(len(text.string) for text in texts) // (6 * _RUNS)  # a word and its space are six characters
    suspects: Iterable[int] = everyone
    if step > 1:
        seen = _index(everyone, prompts, texts, step)
        suspects = [at for at in everyone if _repeats(seen, prompts[at], texts[at], step)]
    index = _index(suspects, prompts, texts, 1)
    found: list[tuple[str, ...]] = [()] * len(pairs)
    for at in suspects:
        found[at] = _stretches(index, prompts[at], texts[at])
    return found


def also_said(prompt: Asked, response: str, others: Sequence[tuple[Asked, str]]) -> tuple[str, ...]:
    """The stretches of one response that these others, of unrelated prompts, have too."""
    index = _index(range(len(others)), [other for other, _ in others], [Text(text) for _, text in others], 1)
    return _stretches(index, prompt, Text(response))


_Index = dict[int, tuple[Asked, ...]]  # by the hash of a run: prompts, unrelated to each other, whose responses have it


def _index(which: Iterable[int], prompts: Sequence[Asked], texts: Sequence[Text], step: int) -> _Index:
    index: _Index = {}
    for at in sorted(which, key=prompts.__getitem__):  # so that the order of the pairs decides nothing
        prompt = prompts[at]
        for run in set(_runs(texts[at], step)):
            known = index.get(run, ())
            if len(known) < _KEPT and not any(related(prompt, other) for other in known):
                index[run] = (*known, prompt)
    return index


def _runs(text: Text, step: int) -> list[int]:
    """The hashes of the response's runs of words, the same in any process; of every step-th run."""
    if len(text.string) < 2 * Elsewhere().words:
        return []
    words = letters_of(Text(text.string))  # of a text of its own: the words of all responses are not to be held
    return [run for run in hashes(words) if step == 1 or run % step == 0]


def _are_elsewhere(index: _Index, prompt: Asked, runs: list[int]) -> list[bool]:
    """Which of the runs are said to two unrelated prompts, or to the one to which more than half of them are."""
    others = [[other for other in index.get(run, ()) if not related(prompt, other)] for run in runs]
    most = Counter([other for found in others for other in found]).most_common(1)
    alone = most[0][0] if most and 2 * most[0][1] > len(runs) else None
    return [len(found) >= _PROMPTS or alone in found for found in others]


def _repeats(index: _Index, prompt: Asked, text: Text, step: int) -> bool:
    """Whether so much of a sample is said to unrelated prompts, a quarter, that the guard may reject it."""
    runs = _runs(text, step)
    return 4 * sum(any(not related(prompt, other) for other in index.get(run, ())) for run in runs) > len(runs)


def _stretches(index: _Index, prompt: Asked, text: Text) -> tuple[str, ...]:
    own = runs_of((prompt.prompt,))
    whole = Text(text.string)
    spelled, spans = pieces(whole)
    runs = list(zip(*[spelled[shift:] for shift in range(RUN)], strict=False))
    elsewhere = _are_elsewhere(index, prompt, hashes(spelled))
    found: list[tuple[int, int]] = []
    for at, run in enumerate(runs):
        if elsewhere[at] and run not in own:
            start, end = spans[at][0], spans[at + RUN - 1][1]
            if found and start <= found[-1][1]:
                found[-1] = found[-1][0], end
            else:
                found.append((start, end))
    return tuple(dict.fromkeys([whole[span] for span in found]))


@lru_cache(maxsize=100_000)
def related(one: Asked, other: Asked) -> bool:
    """Whether two prompts may ask for the same: a third of the content words of the one with fewer are the other's.

    One without any may ask for anything. Public sets ask for the same under other constraints, and responses to such
    prompts may well agree. Where the constraints are the same, they stand in the words in which both prompts end; these
    do not count, or all prompts of a set with one constraint would ask for the same.
    """
    if one.prompt == other.prompt:
        return True
    prompts = one.prompt, other.prompt
    a, b = map(stems_of, _without_common_end(*prompts) if one.constraints == other.constraints != "" else prompts)
    return 3 * len(a & b) >= min(len(a), len(b))


def _without_common_end(one: str, other: str) -> tuple[str, str]:
    ones, others = one.split(), other.split()
    pairs = zip(reversed(ones), reversed(others), strict=False)
    size = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return " ".join(ones[: len(ones) - size]), " ".join(others[: len(others) - size])
