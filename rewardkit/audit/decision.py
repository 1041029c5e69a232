"""The verdict of an audit, and the one rule that fired. Few thresholds, all the user's to set; no composite score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rewardkit.audit.intervals import Interval, needed

if TYPE_CHECKING:
    from rewardkit.audit.agreement import Agreement
    from rewardkit.audit.exploits import Exploits, Family

Decision = Literal["TRAIN", "GUARD", "DO NOT TRAIN", "INCONCLUSIVE"]


@dataclass(frozen=True, slots=True)
class Rules:
    """When a reward may be trained on.

    train: the recall on wrong responses that has to be exceeded by its whole interval. A reward that lets a tenth of
    the wrong responses through still rewards mostly right ones where the policy is right one time in ten.
    refuse: the recall on wrong responses below which its whole interval has to lie to be refused. At one half, most of
    what is rewarded is wrong wherever the policy is right less than a third of the time.
    least: the same two for what is left of the reward, J = TPR - FPR: refused if all of its interval is below the
    first, trained on if all of it is above the second. A reward that rejects everything has a perfect recall on wrong
    responses, and J = 0.
    abstains: the share of abstentions above which nothing is decided from the rest.
    """

    train: float = 0.9
    refuse: float = 0.5
    least: tuple[float, float] = (0.25, 0.6)
    abstains: float = 0.2


def is_red(family: Family, agreement: Agreement | None) -> bool:
    """Whether an exploit may pay as much as being right, or pays more than the policy earns now.

    The first: the upper end of its acceptance reaches the lower end of the recall on right responses. The second: its
    acceptance exceeds the mean reward of the natural responses, from which on a policy is pulled towards it. Where
    there are no responses: whether it surely opens more than one prompt in ten.
    """
    if agreement is None:
        return family.acceptance.low > 0.1
    counts = agreement.confusion
    accepted = counts.right_accepted + counts.wrong_accepted
    decided = accepted + counts.right_rejected + counts.wrong_rejected
    reward = accepted / decided if decided else 0.0
    return family.acceptance.high >= agreement.recall_right.low or family.acceptance.value > reward


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision, the rule that fired in a sentence, and how many more labels of wrong responses would settle it."""

    decision: Decision
    rule: str
    labels_needed: int = 0


def decide(agreement: Agreement | None, rules: Rules = Rules(), exploits: Exploits | None = None) -> Ruling:
    """The first rule that fires: what forbids first, then what is not known, then what allows."""
    red = [] if exploits is None else [one for one in exploits.families if is_red(one, agreement)]
    if red:
        worst = red[0]
        said = f"{worst.name!r} is accepted on {_told(worst.acceptance)} of the prompts, which it does not answer"
        if all(one.guarded >= 0.98 for one in red):
            return Ruling("GUARD", f"{said}; rewardkit's guards reject it: train with them")
        return Ruling("DO NOT TRAIN", said)
    if agreement is None:
        return Ruling("INCONCLUSIVE", "no labelled responses: whether it accepts what is right is not known")
    recall, (gap, low, high) = agreement.recall_wrong, agreement.youden
    if recall.high < rules.refuse:
        return Ruling(
            "DO NOT TRAIN", f"it rejects {_told(recall)} of the wrong responses; all of it below {rules.refuse:.0%}"
        )
    if high < rules.least[0]:
        return Ruling("DO NOT TRAIN", f"J = {gap:.2f} ({low:.2f} to {high:.2f}), all of it below {rules.least[0]}")
    if agreement.abstained.value > rules.abstains:
        share = agreement.abstained.value
        return Ruling("INCONCLUSIVE", f"it abstains on {share:.0%} of all responses; more than {rules.abstains:.0%}")
    for value, bound, what in ((recall.low, rules.refuse, recall.high), (low, rules.least[0], high)):
        if value < bound <= what:
            name = "the recall on wrong responses" if what == recall.high else "J"
            return _open(f"{name} may lie on either side of {bound:g}", recall, bound)
    if recall.low >= rules.train and low >= rules.least[1]:
        return Ruling(
            "TRAIN", f"it rejects {_told(recall)} of the wrong responses and J = {gap:.2f}, all above the limits"
        )
    if recall.high < rules.train:
        return Ruling(
            "GUARD",
            f"it rejects {_told(recall)} of the wrong responses: train on what rules can check, or with guards, or "
            "from a stricter score on",
        )
    if high < rules.least[1]:
        return Ruling("GUARD", f"J = {gap:.2f} ({low:.2f} to {high:.2f}): it rejects many right responses as well")
    if recall.low < rules.train:
        return _open(f"the recall on wrong responses may lie on either side of {rules.train:g}", recall, rules.train)
    return _open(f"J may lie on either side of {rules.least[1]:g}", recall, rules.least[1])


def _open(why: str, recall: Interval, bound: float) -> Ruling:
    """Undecided, with the number of wrong responses that would bring the interval clear of the bound."""
    distance = abs(recall.value - bound)
    design = 1.0 if math.isnan(recall.design) else recall.design
    if distance < 0.005:
        return Ruling("INCONCLUSIVE", f"{why}, and it is too near to tell with any number of labels one would make")
    more = max(1, needed(recall.value, distance, design) - recall.n)
    return Ruling("INCONCLUSIVE", f"{why}; about {more} more labelled wrong responses would tell", more)


def _told(interval: Interval) -> str:
    return f"{interval.value:.1%} ({interval.low:.1%} to {interval.high:.1%})"
