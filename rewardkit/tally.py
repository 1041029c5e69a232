"""What many verdicts come to: accuracy per prompt and per constraint, and where two back-ends disagree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from rewardkit.batch import Result


@dataclass(slots=True)
class Count:
    """How often something was true, false or undecided."""

    true: int = 0
    false: int = 0
    undecided: int = 0

    def add(self, ok: bool | None) -> None:
        """Count one more."""
        if ok is None:
            self.undecided += 1
        elif ok:
            self.true += 1
        else:
            self.false += 1

    @property
    def total(self) -> int:
        """All of them."""
        return self.true + self.false + self.undecided

    @property
    def accuracy(self) -> float:
        """The share that is true, of all: what is undecided is not true."""
        return self.true / self.total if self.total else 0.0


class Disagreement(NamedTuple):
    """One constraint of one response on which another back-end says otherwise."""

    key: Any
    id: str
    ours: bool | None
    theirs: bool | None
    note: str
    evidence: str


@dataclass(slots=True)
class Tally:
    """The counts of a run, and its disagreements."""

    prompts: Count = field(default_factory=Count)
    constraints: Count = field(default_factory=Count)
    by_id: dict[str, Count] = field(default_factory=dict)
    causes: Counter[str] = field(default_factory=Counter)
    rewards: list[float] = field(default_factory=list)
    compared: int = 0
    disagreements: list[Disagreement] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)  # of a judge: "yes", "no", or why it abstained
    asked: int = 0  # answers that were asked for in this run and were not on file
    unasked: int = 0  # findings that a judge would have been needed for, had the rules not decided

    def add(self, result: Result, response: str | None) -> None:
        """Count one result, and compare it where another back-end answered as well."""
        line, others, answers = result
        self.asked += sum(not answer.cached for answer in answers)
        self.unasked += line.get("unasked", 0)
        for said in line.get("answers", ()):
            self.answers[said.get("reason") or ("yes" if said["yes"] else "no")] += 1
        self.prompts.add(line["ok"])
        if line["reward"] is not None:
            self.rewards.append(line["reward"])
        for position, finding in enumerate(line["findings"]):
            name = finding["source_id"] or finding["id"]
            self.constraints.add(finding["ok"])
            self.by_id.setdefault(name, Count()).add(finding["ok"])
            if finding["ok"] is None:
                self.causes[finding.get("cause", "")] += 1
            if others is not None:
                self.compared += 1
                if others[position] is not finding["ok"]:
                    evidence = _evidence(response or "", finding["spans"])
                    found = (finding["ok"], others[position], finding["note"], evidence)
                    self.disagreements.append(Disagreement(line["key"], name, *found))

    @property
    def mean_reward(self) -> float | None:
        """The mean over the responses whose reward is decided; None if there are none."""
        return sum(self.rewards) / len(self.rewards) if self.rewards else None


def _evidence(response: str, spans: list[list[int]]) -> str:
    """The first stretches a finding points at, shortened."""
    texts = [" ".join(response[start:end].split()) for start, end in spans[:3]]
    shown = " | ".join(text if len(text) <= 40 else f"{text[:39]}\u2026" for text in texts)
    return f"{shown} | \u2026 {len(spans)} in all" if len(spans) > 3 else shown
