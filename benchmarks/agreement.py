"""What the agreement benchmarks share: the cases on which ours and a published checker differ, each under a reason.

A reason is the sentence of the instruction that decides, and a test of its own, made of plain string operations and not
of ours, that it is at work in this very response.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from measured import Pair
from rich.console import Console
from rich.progress import track
from rich.table import Table

from rewardkit import formats
from rewardkit.batch import verifier_for
from rewardkit.formats.row import Row
from rewardkit.types import Finding


class Case(NamedTuple):
    """One instruction of one response on which the two differ."""

    model: str
    key: int
    prompt: str
    response: str
    kwargs: dict[str, Any]
    ours: Finding
    theirs: bool | None

    @property
    def evidence(self) -> list[str]:
        return [self.response[start:end] for start, end in self.ours.spans]


class Reason(NamedTuple):
    """Why they differ: a name, the instruction's words that decide, and a test that this is what happened."""

    name: str
    text: str
    applies: Callable[[Case], bool]


def accepted(case: Case) -> bool:
    """Ours says true where the published checker says false."""
    return case.ours.ok is True and case.theirs is False


def refused(case: Case) -> bool:
    """Ours says false where the published checker says true."""
    return case.ours.ok is False and case.theirs is True


# What a published checker finds on a response; None for an instruction of which it is not at hand.
Published = Callable[[Row, str], Sequence[Finding | None]]


def by_reference(row: Row, response: str) -> Sequence[Finding]:
    """What the reference back-end finds."""
    return verifier_for(row, "reference").verify(response).findings


def disagreements(
    pairs: Sequence[Pair], format: str, published: Published
) -> tuple[dict[str, list[Case]], Counter[str], Counter[str]]:
    """By published id: the cases that differ, the findings compared, and ours that are undecided."""
    cases: dict[str, list[Case]] = defaultdict(list)
    total: Counter[str] = Counter()
    undecided: Counter[str] = Counter()
    for pair in track(pairs, "verifying", console=Console(stderr=True), transient=True):
        row = formats.parse(pair.record, format)
        ours = verifier_for(row).verify(pair.response).findings
        theirs = published(row, pair.response)
        for our, their, kwargs in zip(ours, theirs, pair.record["kwargs"], strict=True):
            assert our.spec is not None
            if their is None:
                continue
            id = our.spec.source_id.removeprefix("en:")
            total[id] += 1
            undecided[id] += our.ok is None
            if our.ok is not their.ok:
                case = Case(pair.model, row.key, row.prompt, pair.response, kwargs or {}, our, their.ok)
                cases[id].append(case)
    return cases, total, undecided


def report(
    description: str,
    pairs: Sequence[Pair],
    format: str,
    reasons: Mapping[str, tuple[Reason, ...]],
    published: Published = by_reference,
) -> int:
    """Print every disagreement under its reason; 1 if any finds none."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="every disagreement, with its key and the evidence")
    listed = parser.parse_args().list
    console = Console(width=140, highlight=False, markup=False, emoji=False)
    cases, total, undecided = disagreements(pairs, format, published)
    table = Table(title="Where ours and the published checkers disagree", show_lines=True)
    for heading in ("instruction", "of", "reason", "ours true", "false", "undecided", "the instruction says"):
        table.add_column(heading)
    unexplained: list[tuple[str, Case]] = []
    for id in sorted(cases):
        found: dict[Reason, list[Case]] = defaultdict(list)
        for case in cases[id]:
            reason = next(
                (reason for reason in reasons.get(id, reasons.get(id.partition(":")[2], ())) if reason.applies(case)),
                None,
            )
            if reason is None:
                unexplained.append((id, case))
            else:
                found[reason].append(case)
        for reason, those in found.items():
            counts = Counter(case.ours.ok for case in those)
            cells = [str(counts[ok] or "") for ok in (True, False, None)]
            table.add_row(id, str(total[id]), reason.name, *cells, reason.text)
            for case in those if listed else ():
                shown = " | ".join(" ".join(text.split())[:60] for text in case.evidence[:3])
                console.print(f"{id} {case.model} {case.key}: {reason.name}: {case.ours.note}: {shown}", soft_wrap=True)
    console.print(table)
    differ = sum(map(len, cases.values()))
    known = sum(total.values())
    console.print(f"{len(pairs)} responses, {known} findings: {differ} differ, {differ - len(unexplained)} explained")
    console.print(f"undecided: {sum(undecided.values())} ({sum(undecided.values()) / known:.2%}), {+undecided}")
    for id, case in unexplained:
        console.print(
            f"NO REASON: {id} {case.model} {case.key}: ours {case.ours.ok}, {case.ours.note}: {case.evidence[:3]}"
        )
    return 1 if unexplained else 0
