"""How far a reward's verdicts agree with what is known to be true.

Recall on false responses comes first: what a reward lets through is what a policy learns. Abstentions are a column of
their own, and rates are those of what was decided.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special, stats

from rewardkit.audit.intervals import Interval, difference, proportion
from rewardkit.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

ABSTAINED = -1


@dataclass(frozen=True, slots=True)
class Labels:
    """Gold and verdicts, one row a response.

    gold: whether the response is truly right, shape (n,). verdict: 1 accepted, 0 rejected, -1 abstained, shape (n,).
    prompt: which prompt it answers, as a number from 0, shape (n,). score: the reward before a threshold, shape (n,),
    nan where there is none; None where the reward gives verdicts only. slices: by name, what each response belongs to.
    """

    gold: NDArray[np.bool_]
    verdict: NDArray[np.int8]
    prompt: NDArray[np.int64]
    score: NDArray[np.float64] | None = None
    slices: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.gold) == 0:
            raise FormatError("there is no labelled response to audit")
        if self.gold.all() or not self.gold.any():
            which = "right" if self.gold.all() else "wrong"
            raise FormatError(f"all {len(self.gold)} responses are labelled {which}; an audit needs both")
        if (self.verdict == ABSTAINED).all():
            raise FormatError(f"the reward abstained on all {len(self.gold)} responses, so there is nothing to compare")

    @classmethod
    def of(
        cls,
        gold: Sequence[bool],
        verdict: Sequence[bool | None],
        prompt: Sequence[object],
        score: Sequence[float | None] | None = None,
        slices: Mapping[str, Sequence[object]] | None = None,
    ) -> Labels:
        """From plain sequences; None abstains."""
        return cls(*_arrays(gold, verdict, prompt, score, slices))

    @classmethod
    def unchecked(cls, gold: Sequence[bool], verdict: Sequence[bool | None], prompt: Sequence[object]) -> Labels:
        """As `of`, where all may be of one class, as mutants are."""
        return cls._made(*_arrays(gold, verdict, prompt, None, None))

    @classmethod
    def _made(cls, *values: Any) -> Labels:
        part = object.__new__(cls)
        for name, value in zip(("gold", "verdict", "prompt", "score", "slices"), values, strict=True):
            object.__setattr__(part, name, value)
        return part

    def __len__(self) -> int:
        return len(self.gold)

    def where(self, kept: NDArray[np.bool_]) -> Labels:
        """The rows that are kept; a slice may hold one class only, so that is not checked."""
        return Labels._made(
            self.gold[kept],
            self.verdict[kept],
            self.prompt[kept],
            None if self.score is None else self.score[kept],
            {name: values[kept] for name, values in self.slices.items()},
        )


def _arrays(
    gold: Sequence[bool],
    verdict: Sequence[bool | None],
    prompt: Sequence[object],
    score: Sequence[float | None] | None,
    slices: Mapping[str, Sequence[object]] | None,
) -> tuple[Any, ...]:
    _, member = np.unique([str(one) for one in prompt], return_inverse=True)
    return (
        np.asarray(gold, dtype=bool),
        np.array([ABSTAINED if one is None else int(one) for one in verdict], dtype=np.int8),
        member.astype(np.int64),
        None if score is None else np.array([math.nan if one is None else one for one in score], dtype=np.float64),
        {name: np.array([str(one) for one in values], dtype=object) for name, values in (slices or {}).items()},
    )


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many right and wrong responses were accepted, rejected, and abstained on."""

    right_accepted: int
    right_rejected: int
    right_abstained: int
    wrong_accepted: int
    wrong_rejected: int
    wrong_abstained: int

    @classmethod
    def of(cls, labels: Labels) -> Confusion:
        """The counts."""
        counts = [
            int(((labels.gold == gold) & (labels.verdict == v)).sum()) for gold in (True, False) for v in (1, 0, -1)
        ]
        return cls(*counts)

    @property
    def f1(self) -> float:
        """Of the class "right": the harmonic mean of its precision and recall."""
        tp, fp, fn = self.right_accepted, self.wrong_accepted, self.right_rejected
        return 2 * tp / (2 * tp + fp + fn) if tp + fp + fn else math.nan

    @property
    def mcc(self) -> float:
        """Matthews' correlation coefficient (1975)."""
        tp, fn = self.right_accepted, self.right_rejected
        fp, tn = self.wrong_accepted, self.wrong_rejected
        scale = math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
        return (tp * tn - fp * fn) / scale if scale else math.nan

    @property
    def kappa(self) -> float:
        """Cohen's kappa (1960)."""
        tp, fn = self.right_accepted, self.right_rejected
        fp, tn = self.wrong_accepted, self.wrong_rejected
        n = tp + fn + fp + tn
        chance = ((tp + fp) * (tp + fn) + (tn + fn) * (tn + fp)) / n**2 if n else math.nan
        return ((tp + tn) / n - chance) / (1 - chance) if n and chance != 1 else math.nan


@dataclass(frozen=True, slots=True)
class Agreement:
    """The rates of a reward against gold, each with its interval; of what it decided.

    recall_wrong: of the wrong responses, the share rejected (specificity): 1 - FPR. recall_right: of the right ones,
    the share accepted (TPR). precision_right: of the accepted, the share that is right. precision_wrong: of the
    rejected, the share that is wrong. abstained: the share of all. youden: TPR - FPR, with its interval.
    """

    confusion: Confusion
    recall_wrong: Interval
    recall_right: Interval
    precision_right: Interval
    precision_wrong: Interval
    abstained: Interval
    youden: tuple[float, float, float]


def agreement(labels: Labels, *, seed: int, level: float = 0.95) -> Agreement:
    """The rates of all rows."""
    decided = labels.verdict != ABSTAINED
    accepted, right = labels.verdict == 1, labels.gold

    def rate(hit: NDArray[np.bool_], among: NDArray[np.bool_]) -> Interval:
        return proportion(hit[among], labels.prompt[among], seed=seed, level=level)

    wrong, rejected = ~right, ~accepted
    specificity, sensitivity = rate(rejected, decided & wrong), rate(accepted, decided & right)
    accepts_wrong = Interval(
        1 - specificity.value, 1 - specificity.high, 1 - specificity.low, specificity.n, specificity.clusters
    )
    low, high = difference(sensitivity, accepts_wrong)
    return Agreement(
        Confusion.of(labels),
        specificity,
        sensitivity,
        rate(right, decided & accepted),
        rate(wrong, decided & rejected),
        rate(~decided, np.ones(len(labels), dtype=bool)),
        (sensitivity.value - accepts_wrong.value, low, high),
    )


def bootstrapped(
    labels: Labels, statistic: Callable[[Confusion], float], *, seed: int, level: float = 0.95, draws: int = 2000
) -> tuple[float, float]:
    """A percentile interval over prompts drawn with replacement (Field and Welsh 2007), for what has no closed form.

    With few prompts it is too narrow: read it as a scale and not as a test.
    """
    cells = np.zeros((int(labels.prompt.max()) + 1, 6))
    column = np.where(labels.gold, 0, 3) + np.select([labels.verdict == 1, labels.verdict == 0], [0, 1], 2)
    np.add.at(cells, (labels.prompt, column), 1)
    cells = cells[cells.any(axis=1)]
    rng = np.random.default_rng(seed)
    groups = len(cells)
    values = np.empty(draws)
    for n in range(draws):
        drawn = np.bincount(rng.integers(groups, size=groups), minlength=groups)
        values[n] = statistic(Confusion(*(drawn @ cells).astype(int).tolist()))
    tail = (1 - level) / 2
    return (
        tuple(np.nanquantile(values, [tail, 1 - tail]).tolist()) if np.isfinite(values).any() else (math.nan, math.nan)
    )


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the responses, its rates, and whether its recall on wrong responses is below that of the rest.

    p: the chance of a difference as large under none (a test of the difference of two rates); after `ranked`, corrected
    for the number of slices.
    """

    name: str
    value: str
    agreement: Agreement
    p: float


def slices(labels: Labels, *, seed: int, level: float = 0.95) -> list[Slice]:
    """The parts by every slice column, worst lower bound of the recall on wrong responses first.

    Their p values are corrected together for the false discovery rate (Benjamini and Yekutieli 2001, which holds for
    slices that overlap).
    """
    found = []
    for name, values in labels.slices.items():
        for value in sorted(set(values.tolist())):
            inside = values == value
            part = agreement(labels.where(inside), seed=seed, level=level)
            rest = agreement(labels.where(~inside), seed=seed, level=level) if not inside.all() else None
            found.append((name, value, part, _p_lower(part, rest)))
    tested = [one for one in found if not math.isnan(one[3])]
    corrected = iter(stats.false_discovery_control([one[3] for one in tested], method="by").tolist() if tested else ())
    parts = [Slice(*one[:3], math.nan if math.isnan(one[3]) else next(corrected)) for one in found]
    return sorted(parts, key=lambda part: (part.agreement.recall_wrong.low, part.name, part.value))


def _p_lower(part: Agreement, rest: Agreement | None) -> float:
    """One-sided: how likely so much less recall on wrong responses is by chance, at the effective numbers."""
    if rest is None or not part.recall_wrong.n or not rest.recall_wrong.n:
        return math.nan
    sizes = [one.recall_wrong.n / max(1.0, _design(one.recall_wrong)) for one in (part, rest)]
    hits = [one.recall_wrong.value * size for one, size in zip((part, rest), sizes, strict=True)]
    pooled = sum(hits) / sum(sizes)
    error = math.sqrt(pooled * (1 - pooled) * sum(1 / size for size in sizes))
    return float(special.ndtr((hits[0] / sizes[0] - hits[1] / sizes[1]) / error)) if error else math.nan


def _design(interval: Interval) -> float:
    """The design effect; where it is not known, as if all responses to a prompt were one."""
    return interval.n / interval.clusters if math.isnan(interval.design) else interval.design


@dataclass(frozen=True, slots=True)
class Threshold:
    """What accepting from a score on would give."""

    at: float
    recall_right: float
    recall_wrong: float
    precision_right: float


@dataclass(frozen=True, slots=True)
class Scored:
    """How well a score separates right from wrong responses.

    auroc: the chance that a right response scores higher than a wrong one (ties count half); low, high: its interval,
    for clustered data (Obuchowski 1997). tpr_at: by FPR, the TPR that is reached without exceeding it. curve: operating
    points, from strict to lenient. brier, calibration: for scores that are probabilities; bins of mean score, share
    right and number.
    """

    auroc: float
    low: float
    high: float
    tpr_at: Mapping[float, float]
    curve: tuple[Threshold, ...]
    brier: float
    calibration: tuple[tuple[float, float, int], ...]


def scored(labels: Labels, *, level: float = 0.95, bins: int = 10) -> Scored:
    """How well the score separates; rows without one are left out. FormatError where no row has one."""
    if labels.score is None or not np.isfinite(labels.score).any():
        raise FormatError("there is no score to find thresholds for")
    kept = np.isfinite(labels.score)
    score, gold, prompt = labels.score[kept], labels.gold[kept], labels.prompt[kept]
    if gold.all() or not gold.any():
        raise FormatError("the responses with a score are all right or all wrong; an audit needs both")
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    accepted_right = np.cumsum(gold[order])[ends]
    accepted = ends + 1
    right, wrong = int(gold.sum()), int((~gold).sum())
    tpr, fpr = accepted_right / right, (accepted - accepted_right) / wrong
    area, error = _auroc(score, gold, prompt)
    z = float(special.ndtri(1 - (1 - level) / 2))
    chosen = np.unique(np.linspace(0, len(ends) - 1, min(len(ends), 101)).astype(int))
    curve = [
        Threshold(
            float(score[order][ends[n]]), float(tpr[n]), float(1 - fpr[n]), float(accepted_right[n] / accepted[n])
        )
        for n in chosen
    ]
    reached = {limit: float(tpr[fpr <= limit].max(initial=0.0)) for limit in (0.01, 0.05)}
    is_probability = bool(((score >= 0) & (score <= 1)).all())
    return Scored(
        area,
        max(0.0, area - z * error),
        min(1.0, area + z * error),
        reached,
        tuple(curve),
        float(np.mean((score - gold) ** 2)) if is_probability else math.nan,
        tuple(_calibration(score, gold, bins)) if is_probability else (),
    )


def _auroc(score: NDArray[np.float64], gold: NDArray[np.bool_], prompt: NDArray[np.int64]) -> tuple[float, float]:
    """The area under the curve and its standard error for clustered data (Obuchowski 1997)."""
    right, wrong = score[gold], score[~gold]
    below = (_ranks(wrong, right)) / len(wrong)  # for each right response: the share of wrong ones below it
    above = 1 - _ranks(right, wrong) / len(right)  # for each wrong response: the share of right ones above it
    area = float(below.mean())
    _, member = np.unique(prompt, return_inverse=True)
    groups = int(member.max()) + 1
    if groups < 2:
        return area, math.nan
    first = np.bincount(member[gold], weights=below - area, minlength=groups)
    second = np.bincount(member[~gold], weights=above - area, minlength=groups)
    total = first / len(right) + second / len(wrong)
    return area, math.sqrt(groups / (groups - 1) * float(total @ total))


def _ranks(among: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each value, how many of `among` are smaller, ties counting half."""
    ordered = np.sort(among)
    return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2


def _calibration(score: NDArray[np.float64], gold: NDArray[np.bool_], bins: int) -> Iterator[tuple[float, float, int]]:
    """Mean score, share right and number in bins of equal width; empty ones are left out."""
    which = np.minimum((score * bins).astype(int), bins - 1)
    for n in range(bins):
        inside = which == n
        if inside.any():
            yield float(score[inside].mean()), float(gold[inside].mean()), int(inside.sum())
