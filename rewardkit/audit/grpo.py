"""What a policy feels of a reward's errors under GRPO: exact sums over finite groups, no asymptotics.

The model: a response to a prompt is truly right with probability p. A right one is decided with probability 1 - u1 and
then rewarded with probability TPR; a wrong one with 1 - u0 and FPR. The responses of a group are independent given p.
Its advantages are (r - mean) / (std + eps), or r - mean, over the decided ones; an undecided one gets none. Whoever
counts undecided as false has u = 0 and takes the rates of all responses.

For G responses the others of a group are a trinomial: how many are rewarded, not rewarded, undecided. Everything here
is a sum over it. Prompts differ in p: `over` averages per prompt and never at the mean of p, where the sums are not
what they average to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Errors:
    """How a reward errs.

    tpr, fpr: of the decided right and wrong responses, the share that is rewarded.
    u1, u0: of the right and wrong responses, the share that is left undecided and masked.
    """

    tpr: float
    fpr: float
    u1: float = 0.0
    u0: float = 0.0

    @property
    def youden(self) -> float:
        """J = TPR - FPR: what is left of the difference between right and wrong; at 0 the reward teaches nothing."""
        return self.tpr - self.fpr


CLEAN = Errors(1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Group:
    """How advantages are made.

    size: responses a group, at least 2. normalise: whether the difference to the mean is divided by the standard
    deviation. ddof: 1 for the sample's (TRL, torch), 0 for the population's. eps: what is added to it.
    """

    size: int = 8
    normalise: bool = True
    ddof: int = 1
    eps: float = 1e-4

    def __post_init__(self) -> None:
        if self.size < 2 or self.ddof not in (0, 1) or self.eps < 0:
            raise ValueError(f"a group has at least 2 responses, ddof 0 or 1 and eps >= 0, got {self}")


@dataclass(frozen=True, slots=True)
class Felt:
    """What a policy feels at one rate of success p, or on average over prompts.

    gap: mean advantage of a right response minus that of a wrong one.
    attenuation: gap, as a share of what a reward without errors would give (a clean one, nothing undecided).
    wrong_up, right_down: the chance that a wrong response gets a positive advantage, and a right one a negative one.
    dead: the chance that all decided responses of a group are rewarded alike, so that it teaches nothing.
    noise_only: the chance that all responses are equally right, or equally wrong, and rewards differ all the same.
    precision: of the rewarded responses, the share that is right; nan where none is rewarded.
    """

    gap: float
    attenuation: float
    wrong_up: float
    right_down: float
    dead: float
    noise_only: float
    precision: float


def felt(p: float, errors: Errors, group: Group = Group()) -> Felt:
    """What a policy feels on a prompt that it answers rightly with probability p."""
    clean_gap = _gap(p, CLEAN, group)
    gap = _gap(p, errors, group)
    rewarded, unrewarded, _ = _shares(p, errors)
    size = group.size
    # The chance that the others hold at least one of the other kind, among the decided.
    some_unrewarded = 1 - (1 - unrewarded) ** (size - 1)
    some_rewarded = 1 - (1 - rewarded) ** (size - 1)
    dead = (1 - unrewarded) ** size + (1 - rewarded) ** size - (1 - rewarded - unrewarded) ** size
    noise = 0.0
    for chance, hit, miss in (
        (p, (1 - errors.u1) * errors.tpr, (1 - errors.u1) * (1 - errors.tpr)),
        (1 - p, (1 - errors.u0) * errors.fpr, (1 - errors.u0) * (1 - errors.fpr)),
    ):
        alike = (1 - miss) ** size + (1 - hit) ** size - (1 - hit - miss) ** size
        noise += chance**size * (1 - alike)
    return Felt(
        gap=gap,
        attenuation=gap / clean_gap if clean_gap else float("nan"),
        wrong_up=(1 - errors.u0) * errors.fpr * some_unrewarded,
        right_down=(1 - errors.u1) * (1 - errors.tpr) * some_rewarded,
        dead=dead,
        noise_only=noise,
        precision=p * (1 - errors.u1) * errors.tpr / rewarded if rewarded else float("nan"),
    )


def over(rates: Sequence[float], errors: Errors, group: Group = Group()) -> Felt:
    """What a policy feels over prompts of these rates of success, one each.

    The gap is averaged prompt by prompt, and the attenuation is the ratio of the two averages. The precision is that of
    all rewarded responses.
    """
    if not len(rates):
        raise ValueError("the rates of success of at least one prompt are needed")
    values, counts = np.unique(np.asarray(rates, dtype=np.float64), return_counts=True)
    weights = counts / counts.sum()
    each = [felt(float(p), errors, group) for p in values]

    def mean(of: Callable[[Felt], float]) -> float:
        return float(np.dot(weights, [of(one) for one in each]))

    clean = float(np.dot(weights, [_gap(float(p), CLEAN, group) for p in values]))
    rewarded = np.array([_shares(float(p), errors)[0] for p in values])
    right = values * (1 - errors.u1) * errors.tpr
    total = float(np.dot(weights, rewarded))
    gap = mean(lambda one: one.gap)
    return Felt(
        gap=gap,
        attenuation=gap / clean if clean else float("nan"),
        wrong_up=mean(lambda one: one.wrong_up),
        right_down=mean(lambda one: one.right_down),
        dead=mean(lambda one: one.dead),
        noise_only=mean(lambda one: one.noise_only),
        precision=float(np.dot(weights, right)) / total if total else float("nan"),
    )


def break_even(errors: Errors) -> float:
    """The rate of success below which most rewarded responses are wrong: FPR / (TPR + FPR), of all responses."""
    hit, false = (1 - errors.u1) * errors.tpr, (1 - errors.u0) * errors.fpr
    return false / (hit + false) if hit + false else float("nan")


def pull(acceptance: float, reward: float, group: Group = Group()) -> float:
    """The mean advantage of a response that is accepted so often, among others whose mean reward is `reward`.

    Above 0 the policy drifts towards it: so an exploit grows once its acceptance exceeds the current mean reward.
    """
    up, down = _given(reward, 1 - reward, group)
    return acceptance * up + (1 - acceptance) * down


def conjunction(errors: Errors, constraints: int, correlation: float = 0.0) -> Errors:
    """The rates of an all-or-nothing reward over m constraints, for a response that breaks exactly one or none.

    correlation: between the judge's errors on the constraints of one response (0: independent). Each verdict is a
    threshold on a standard normal, and the normals share that correlation (Kish's one-factor model), so that all pass
    with probability E[Phi((a + sqrt(rho) Z) / sqrt(1 - rho))^m].
    """
    if not 0 <= correlation < 1:
        raise ValueError(f"a correlation is from 0 up to below 1, got {correlation}")
    # Gauss and Hermite's nodes for the shared normal: exact to 1e-9 for the powers that occur.
    node, weight = np.polynomial.hermite_e.hermegauss(201)
    weight = weight / weight.sum()

    def passed(rate: float) -> NDArray[np.float64]:
        threshold = special.ndtri(np.clip(rate, 1e-15, 1 - 1e-15))
        return np.asarray(special.ndtr((threshold + np.sqrt(correlation) * node) / np.sqrt(1 - correlation)))

    right, wrong = passed(errors.tpr), passed(errors.fpr)
    return Errors(
        float(weight @ right**constraints), float(weight @ (right ** (constraints - 1) * wrong)), errors.u1, errors.u0
    )


def _shares(p: float, errors: Errors) -> tuple[float, float, float]:
    """Of any response: the chances to be rewarded, not rewarded, undecided."""
    decided_right, decided_wrong = p * (1 - errors.u1), (1 - p) * (1 - errors.u0)
    rewarded = decided_right * errors.tpr + decided_wrong * errors.fpr
    undecided = p * errors.u1 + (1 - p) * errors.u0
    return rewarded, max(0.0, 1 - undecided - rewarded), undecided


def _gap(p: float, errors: Errors, group: Group) -> float:
    """Mean advantage of a right response minus that of a wrong one; an undecided one has none."""
    rewarded, unrewarded, _ = _shares(p, errors)
    up, down = _given(rewarded, unrewarded, group)

    def mean(rate: float, undecided: float) -> float:
        return (1 - undecided) * (rate * up + (1 - rate) * down)

    return mean(errors.tpr, errors.u1) - mean(errors.fpr, errors.u0)


def _given(rewarded: float, unrewarded: float, group: Group) -> tuple[float, float]:
    """The mean advantage of a rewarded response and of an unrewarded one, over the other G - 1 of its group."""
    others = group.size - 1
    decided = rewarded + unrewarded
    if decided <= 0:
        return 0.0, 0.0
    up, down = _advantages(group)
    present = _binomial(others, min(1.0, decided))
    chance = min(1.0, rewarded / decided)
    ups = downs = 0.0
    for n, weight in enumerate(present):  # n of the others are decided, k of them rewarded
        if weight:
            hits = _binomial(n, chance)
            ups += float(weight * (hits @ up[n]))
            downs += float(weight * (hits @ down[n]))
    return ups, downs


def _binomial(n: int, p: float) -> NDArray[np.float64]:
    """The chances of 0 to n successes. By logarithms: scipy's own overflows where p is as small as 1e-308."""
    k = np.arange(n + 1)
    ways = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return np.asarray(np.exp(ways + special.xlogy(k, p) + special.xlog1py(n - k, -p)))


@lru_cache(maxsize=64)
def _advantages(group: Group) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """For n decided others of which k are rewarded: the advantage of one that is rewarded, and of one that is not."""
    up, down = [], []
    for n in range(group.size):
        k = np.arange(n + 1)
        found = []
        for own in (1, 0):
            mean = (k + own) / (n + 1)
            scale = np.ones(n + 1)
            if group.normalise:
                variance = mean * (1 - mean) * (n + 1) / max(n + 1 - group.ddof, 1)
                scale = np.sqrt(variance) + group.eps
            with np.errstate(invalid="ignore", divide="ignore"):
                found.append(np.where(mean * (1 - mean) > 0, (own - mean) / scale, 0.0))
        up.append(found[0])
        down.append(found[1])
    return up, down
