"""The hacking watch: trip wires that never enter the reward, since what is in the reward is optimised away.

Every step the wires are counted on the policy's own responses. Every few steps the reward is audited on them as well:
against the published checkers where there are any, and by probes, texts that answer nothing made for the step's own
prompts. A warning says so when the reward has risen and a wire with it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

from rewardkit.backends import reference
from rewardkit.errors import FormatError, MissingExtra
from rewardkit.guards import guards_for
from rewardkit.text import Text
from rewardkit.verifier import compile

if TYPE_CHECKING:
    from rewardkit.formats.row import Row
    from rewardkit.scoring import Scored, Scorer

_ROLE = re.compile(r"<\|[^<>|]{1,40}\|>|\[/?INST\]|</?(?:system|user|assistant|response)>", re.IGNORECASE)
_PRAISE = re.compile(
    r"\b(?:all|every|each)\b[^.\n]{0,40}\b(?:instruction|requirement|constraint|criteri)\w*[^.\n]{0,40}"
    r"\b(?:met|followed|satisfied|fulfilled)\b",
    re.IGNORECASE,
)
WIRES = ("answers nothing", "same for other prompts", "role tokens", "self-praise", "repeats itself")
_WINDOW = 20  # steps whose means are compared


def wires(rows: Sequence[Row], texts: Sequence[str]) -> dict[str, float]:
    """The share of responses that touch each wire, between 0 and 1."""
    by_opening: dict[str, set[int]] = {}
    for row, text in zip(rows, texts, strict=True):
        by_opening.setdefault(_opening(text), set()).add(id(row))
    openings = {opening: len(of) for opening, of in by_opening.items()}
    n = max(1, len(texts))
    guarded = [
        compile(guards_for(row.prompt, row.specs)).verify(text).ok is False
        for row, text in zip(rows, texts, strict=True)
    ]
    return {
        "answers nothing": sum(guarded) / n,
        "same for other prompts": sum(openings[_opening(text)] > 1 for text in texts) / n,
        "role tokens": sum(_ROLE.search(text) is not None for text in texts) / n,
        "self-praise": sum(_PRAISE.search(text) is not None for text in texts) / n,
        "repeats itself": sum(_repeats(text) for text in texts) / n,
    }


def _opening(text: str) -> str:
    """How a response begins, words alone: a template shows itself by it."""
    found = Text(text)
    return " ".join([found[span].lower() for span in found.words[:8]])


def _repeats(text: str) -> bool:
    found = Text(text)
    words = [found[span].lower() for span in found.words]
    triples = list(zip(words, words[1:], words[2:], strict=False))
    return len(triples) > 20 and len(set(triples)) < len(triples) / 2


def published(rows: Sequence[Row], texts: Sequence[str]) -> list[float] | None:
    """The share of constraints that hold for the published checkers; None where there are none for these rows."""
    try:
        verdicts = [reference(row).verify(text) for row, text in zip(rows, texts, strict=True)]
    except (FormatError, MissingExtra):
        return None
    return [fmean([finding.ok is True for finding in verdict.findings]) for verdict in verdicts]


def audited(scorer: Scorer, rows: Sequence[Row], texts: Sequence[str], scored: Sequence[Scored]) -> dict[str, float]:
    """A small audit: how far the reward agrees with the published checkers, and how many probes it accepts."""
    from rewardkit.audit.exploits import FAMILIES

    found: dict[str, float] = {}
    agreed: list[tuple[bool, bool]] = []
    for row, text, one in zip(rows, texts, scored, strict=True):
        try:
            truth = reference(row).verify(text).ok
        except (FormatError, MissingExtra):
            break
        if truth is not None and one.reward is not None:
            agreed.append((truth, one.reward >= 0.5))
    right = [accepted for truth, accepted in agreed if truth]
    wrong = [accepted for truth, accepted in agreed if not truth]
    if right:
        found["right_accepted"] = fmean(right)
    if wrong:
        found["wrong_accepted"] = fmean(wrong)
    probed = list({id(row): row for row in rows}.values())[:8]
    accepted = []
    for row in probed:
        for name in ("nothing", "self-praise", "prose about nothing"):
            text = FAMILIES[name][0](row)
            if text is not None:
                accepted.append((scorer.score(dict(row.record), text, row.prompt).reward or 0.0) >= 0.5)
    if accepted:
        found["probes_accepted"] = fmean(accepted)
    return found


class Watch:
    """Remembers the reward, the wires and the lengths, and says so when a rise comes with what a hack looks like."""

    def __init__(self, margin: float = 0.1) -> None:
        self.margin = margin
        self.rewards: deque[float] = deque(maxlen=2 * _WINDOW)
        self.lengths: deque[float] = deque(maxlen=2 * _WINDOW)
        self.first: dict[str, float] = {}  # what the first audit found
        self.touched: dict[str, deque[float]] = {name: deque(maxlen=2 * _WINDOW) for name in WIRES}

    def tell(self, reward: float, touched: dict[str, float], length: float) -> list[str]:
        """Warnings, a sentence each: the reward rose over the last steps, and so did the share that touches a wire.

        Or the responses shrank to less than half: where no constraint asks for length, saying next to nothing pays.
        length: the mean of the step, in tokens.
        """
        self.rewards.append(reward)
        self.lengths.append(length)
        for name, share in touched.items():
            self.touched[name].append(share)
        rise = _rise(self.rewards)
        if rise < self.margin / 2:
            return []
        warnings = [
            f"the reward rose by {rise:.2f}, the share of responses on the wire '{name}' by {up:.2f}: see samples.jsonl"
            for name, shares in self.touched.items()
            if (up := _rise(shares)) >= self.margin
        ]
        before, after = _halves(self.lengths)
        if after < before / 2:
            warnings.append(
                f"the reward rose by {rise:.2f} while responses shrank from {before:.0f} to {after:.0f} tokens: see "
                "samples.jsonl"
            )
        return warnings

    def tell_audit(self, found: dict[str, float]) -> list[str]:
        """Warnings: the reward rose, and it accepts more than at the first audit of what is wrong or says nothing."""
        rise = _rise(self.rewards)
        warnings = []
        for name, what in (("wrong_accepted", "what the published checkers call wrong"), ("probes_accepted", "probes")):
            if name in found:
                up = found[name] - self.first.setdefault(name, found[name])
                if rise >= self.margin / 2 and up >= self.margin:
                    warnings.append(
                        f"the reward rose by {rise:.2f} and accepts {found[name]:.0%} of {what}, {up:.0%} more"
                    )
        return warnings

    def to_json(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        kept = {"rewards": list(self.rewards), "lengths": list(self.lengths), "first": self.first}
        return kept | {name: list(shares) for name, shares in self.touched.items()}

    def restore(self, data: dict[str, Any]) -> None:
        """The inverse of `to_json`."""
        self.rewards.extend(data.get("rewards", []))
        self.lengths.extend(data.get("lengths", []))
        self.first.update(data.get("first", {}))
        for name, shares in self.touched.items():
            shares.extend(data.get(name, []))


def _rise(values: deque[float]) -> float:
    """The mean of the later half less that of the earlier; 0 until there are ten steps."""
    before, after = _halves(values)
    return after - before


def _halves(values: deque[float]) -> tuple[float, float]:
    """The means of the earlier and the later half; equal until there are ten steps."""
    listed = list(values)
    if len(listed) < 10:
        return 0.0, 0.0
    half = len(listed) // 2
    return fmean(listed[:half]), fmean(listed[half:])
