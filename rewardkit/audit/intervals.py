"""Intervals for proportions of responses that are clustered by prompt.

Responses to one prompt fail together, so that an interval which counts them as independent covers less than it says.
`proportion` is Korn and Graubard's (1998): the exact interval of Clopper and Pearson at an effective number of
responses, which the variance between prompts gives. Where few prompts hold an error that variance is not known; then
one response per prompt is drawn, and their exact interval is valid however the rest is correlated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

FEW = 10
"""Below so many prompts with (or without) an error the variance between prompts is taken as unknown."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A proportion with its interval.

    value: the share of all responses; nan where there are none.
    low, high: the interval at the level asked for.
    n, clusters: how many responses, of how many prompts.
    design: by how many times clustering widens the variance (Kish's design effect); nan where that is not known.
    """

    value: float
    low: float
    high: float
    n: int
    clusters: int
    design: float = float("nan")

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def exact(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Clopper and Pearson's (1934) interval; counts may be fractions, as effective ones are."""
    if n <= 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = special.betaincinv(successes, n - successes + 1, tail) if successes > 0 else 0.0
    high = special.betaincinv(successes + 1, n - successes, 1 - tail) if successes < n else 1.0
    return float(low), float(high)


def proportion(
    hits: ArrayLike, clusters: Sequence[object] | NDArray[np.int64], *, seed: int, level: float = 0.95
) -> Interval:
    """The share of hits with its interval.

    hits: 0 or 1 for each response, shape (n,). clusters: the prompt of each, shape (n,). seed: draws one response per
    prompt where few prompts hold a hit, or a miss.
    """
    hit = np.asarray(hits, dtype=np.float64)
    _, member = np.unique(np.asarray(clusters), return_inverse=True)
    n = len(hit)
    if n == 0:
        return Interval(float("nan"), 0.0, 1.0, 0, 0)
    size = np.bincount(member).astype(np.float64)
    total = np.bincount(member, weights=hit)
    groups = len(size)
    value = float(hit.mean())
    if min(np.count_nonzero(total), np.count_nonzero(total < size)) < FEW:
        drawn = _one_per_cluster(member, np.random.default_rng(seed))
        low, high = exact(float(hit[drawn].sum()), groups, level)
        return Interval(value, min(low, value), max(high, value), n, groups)
    # The variance of a ratio of cluster totals (Cochran 1977, 6.5), and how many independent responses have the same.
    residual = total - value * size
    variance = groups / (groups - 1) * float(residual @ residual) / n**2
    effective = min(float(n), value * (1 - value) / variance)
    tail = 1 - (1 - level) / 2
    shrunk = effective * (special.stdtrit(n - 1, tail) / special.stdtrit(groups - 1, tail)) ** 2
    low, high = exact(value * shrunk, shrunk, level)
    return Interval(value, low, high, n, groups, n / effective)


def difference(first: Interval, second: Interval) -> tuple[float, float]:
    """The interval of first minus second, by square-and-add (Newcombe 1998; Zou and Donner 2008).

    It takes them as independent. Rates of one judge on the same prompts rise and fall together, which makes the true
    interval of their difference narrower.
    """
    value = first.value - second.value
    down = np.hypot(first.value - first.low, second.high - second.value)
    up = np.hypot(first.high - first.value, second.value - second.low)
    return max(-1.0, float(value - down)), min(1.0, float(value + up))


def needed(rate: float, half_width: float, design: float = 1.0, level: float = 0.95) -> int:
    """How many labelled responses bring the interval of a rate to plus or minus `half_width`."""
    z = special.ndtri(1 - (1 - level) / 2)
    return int(np.ceil(max(design, 1.0) * z**2 * rate * (1 - rate) / half_width**2))


def _one_per_cluster(member: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """The position of one response of each cluster, each with equal chance."""
    shuffled = rng.permutation(len(member))
    _, first = np.unique(member[shuffled], return_index=True)
    return shuffled[first]
