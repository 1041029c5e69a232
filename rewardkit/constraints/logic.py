"""Constraints made of constraints: all of them, any, none, some; undecided as in Kleene's three-valued logic."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Annotated

from annotated_types import Len

from rewardkit import edits
from rewardkit.arguments import PositiveInt
from rewardkit.registry import Inners, constraint
from rewardkit.text import Text
from rewardkit.types import Finding, Span
from rewardkit.vectors import bad, good, unsure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewardkit.registry import Constraint

_FEW = {"id": "length:words", "args": {"relation": "at most", "n": 3}}
_TEA = {"id": "keywords:count", "args": {"words": ["tea"]}}
_DUTCH = {"id": "language:response", "args": {"language": "nl"}}


@constraint("logic:all_of")
class AllOf:
    """Every one of the constraints holds."""

    inner: Inners

    def check(self, text: Text) -> Finding:
        return _at_least(len(self.inner), self.inner, text)

    def ask(self) -> str:
        return " ".join([inner.ask() for inner in self.inner])

    def satisfy(self, text: Text) -> str | None:
        return edits.all_of(edits.satisfied, self.inner, text)

    def violate(self, text: Text) -> str | None:
        return next((new for inner in self.inner if (new := edits.violated(inner, text)) is not None), None)

    vectors = (
        good("Tea, please.", inner=[_FEW, _TEA]),
        good("Tea?", inner=[_TEA]),
        bad("Coffee, please.", inner=[_FEW, _TEA]),
        bad("Tea tea tea tea tea.", inner=[_FEW, _TEA]),  # a cheat: one of them
        bad("Ja.", inner=[_DUTCH, _TEA]),  # undecided and false is false
        unsure("Tea.", inner=[_DUTCH, _TEA]),
    )


@constraint("logic:any_of")
class AnyOf:
    """At least one of the constraints holds."""

    inner: Inners

    def check(self, text: Text) -> Finding:
        return _at_least(1, self.inner, text)

    def ask(self) -> str:
        return f"Do at least one of the following. {_listed(self.inner)}"

    def satisfy(self, text: Text) -> str | None:
        return next((new for inner in self.inner if (new := edits.satisfied(inner, text)) is not None), None)

    def violate(self, text: Text) -> str | None:
        return edits.all_of(edits.violated, self.inner, text)

    vectors = (
        good("Coffee, please.", inner=[_FEW, _TEA]),
        good("I like a cup of tea.", inner=[_FEW, _TEA]),
        bad("I like a cup of coffee.", inner=[_FEW, _TEA]),
        bad("I like a cup of steam.", inner=[_FEW, _TEA]),  # a cheat: the word only inside another
        good("Tea.", inner=[_DUTCH, _TEA]),  # undecided or true is true
        unsure("Ja.", inner=[_DUTCH, _TEA]),
    )


@constraint("logic:at_least_k")
class AtLeastK:
    """At least {k} of the constraints hold."""

    k: PositiveInt
    inner: Inners

    def __post_init__(self) -> None:
        if self.k > len(self.inner):
            raise ValueError(f"k must be at most the number of constraints, {len(self.inner)}")

    def check(self, text: Text) -> Finding:
        return _at_least(self.k, self.inner, text)

    def ask(self) -> str:
        return f"Do at least {self.k} of the following. {_listed(self.inner)}"

    def satisfy(self, text: Text) -> str | None:
        return edits.all_of(edits.satisfied, self.inner[: self.k], text)

    def violate(self, text: Text) -> str | None:
        return edits.all_of(edits.violated, self.inner[: len(self.inner) - self.k + 1], text)

    vectors = (
        good("Tea, please.", k=2, inner=[_FEW, _TEA]),
        good("Tea, please.", k=1, inner=[_FEW, _TEA]),
        good("Tea, please.", k=2, inner=[_FEW, _TEA, _DUTCH]),
        bad("I like coffee very much.", k=1, inner=[_FEW, _TEA]),
        bad("Coffee, please.", k=2, inner=[_FEW, _TEA]),  # a cheat: one of two
        unsure("Ja.", k=2, inner=[_FEW, _TEA, _DUTCH]),
    )


@constraint("logic:not")
class Not:
    """The constraint does not hold. What cannot be decided cannot be denied either."""

    inner: Annotated[Inners, Len(1, 1)]

    def check(self, text: Text) -> Finding:
        found = self.inner[0].check(text)
        ok = None if found.ok is None else not found.ok
        return Finding(ok, f"{self.inner[0].id}: {found.note}", lambda: found.spans, found.cause)

    def ask(self) -> str:
        return f"Make sure that this is not the case: {self.inner[0].ask()}"

    def satisfy(self, text: Text) -> str | None:
        return edits.violated(self.inner[0], text)

    def violate(self, text: Text) -> str | None:
        return edits.satisfied(self.inner[0], text)

    vectors = (
        good("I like coffee very much.", inner=[_FEW]),
        good("Coffee.", inner=[_TEA]),
        bad("Tea, please.", inner=[_FEW]),
        bad("No tea for me, thanks.", inner=[_TEA]),  # a cheat: said to be absent
        unsure("Ja.", inner=[_DUTCH]),
    )


def _at_least(k: int, inner: Sequence[Constraint], text: Text) -> Finding:
    found = [(constraint, constraint.check(text)) for constraint in inner]
    true = sum(finding.ok is True for _, finding in found)
    open_ = sum(finding.ok is None for _, finding in found)
    ok = True if true >= k else None if true + open_ >= k else False
    # The evidence is what decided: those that hold for True, those that do not for False.
    decided = [(constraint, finding) for constraint, finding in found if finding.ok is ok]
    said = "; ".join([f"{constraint.id}: {finding.note}" for constraint, finding in decided])
    note = f"{true} of {len(found)} hold ({said})" if said else f"{true} of {len(found)} hold"
    cause = next((finding.cause for _, finding in decided if finding.cause), None)
    return Finding(ok, note, lambda: _together([finding.spans for _, finding in decided]), cause)


def _together(found: Sequence[tuple[Span, ...]]) -> tuple[Span, ...]:
    several = [spans for spans in found if spans]
    return tuple(sorted(set(chain(*several)))) if len(several) > 1 else next(iter(several), ())


def _listed(inner: Sequence[Constraint]) -> str:
    return " ".join([f"({number}) {constraint.ask()}" for number, constraint in enumerate(inner, 1)])
