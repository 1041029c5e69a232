"""From a verdict to a number. None stays None: whoever trains decides what an undecided response earns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rewardkit.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rewardkit.types import Verdict


def all_or_nothing(verdict: Verdict) -> float | None:
    """1.0 if every constraint holds, 0.0 if one fails, None if none fails but one is undecided."""
    return None if verdict.ok is None else float(verdict.ok)


def fraction(verdict: Verdict) -> float | None:
    """The share of constraints that hold; None if any is undecided, never a smaller denominator."""
    return weighted(verdict, weights={})


def weighted(verdict: Verdict, weights: Mapping[str, float] | None = None) -> float | None:
    """The weighted share of constraints that hold; None if any of them is undecided.

    weights: from constraint id (or published id) to a number >= 0; what it does not name counts 1.0. Without it the
        weights in the specs count. A constraint of weight 0 is not asked, so it may be undecided.
    """
    total = earned = 0.0
    for finding in verdict.findings:
        weight = 1.0
        if finding.spec is not None:
            spec = finding.spec
            weight = spec.weight if weights is None else weights.get(spec.id, weights.get(spec.source_id or "", 1.0))
        if not 0 <= weight < float("inf"):
            raise SpecError(f"a weight is a number from 0 up, got {weight!r}")
        if weight and finding.ok is None:
            return None
        total += weight
        earned += weight if finding.ok else 0.0
    if not total:
        raise SpecError("the weights of all constraints are 0, so there is nothing to reward")
    return earned / total


REWARDS: Mapping[str, Callable[[Verdict], float | None]] = {
    "all_or_nothing": all_or_nothing,
    "fraction": fraction,
    "weighted": weighted,
}
"""By name, as settings and command lines have them."""
