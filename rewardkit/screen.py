"""What a person sees: tables of accuracy, of disagreements, of constraints, and a verdict with its evidence marked."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from rewardkit.arguments import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from rewardkit.asking import Usage
    from rewardkit.formats import Format
    from rewardkit.formats.responses import Joined
    from rewardkit.judge.cache import Kept
    from rewardkit.lint import Finding as Fault
    from rewardkit.tally import Count, Tally
    from rewardkit.types import Finding, Verdict

_WORDS = {True: "true", False: "false", None: "undecided"}
_CAUSES = {
    "response": "the response itself leaves them open",
    "judge": "the judge gave no clear answer",
    "unsupported": "nothing here can check them",
}
_STYLES = {True: "green", False: "red", None: "yellow"}


def console() -> Console:
    """The console for results; wide where it is a file or a pipe, so that no table is cut."""
    width = None if sys.stdout.isatty() else 160
    return Console(width=width, highlight=False, markup=False, emoji=False)  # a response is no markup


def printable(text: str) -> str:
    """Text without anything a terminal or a UTF-8 stream cannot take."""
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() or char in "\n\t" else "\ufffd" for char in clean)


def accuracy_tables(tally: Tally) -> list[Table]:
    """Accuracy per prompt and per constraint, and a row for each constraint, the worst first."""
    summary = Table(title="Accuracy", title_justify="left")
    for heading in ("", "true", "false", "undecided", "of", "accuracy"):
        summary.add_column(heading, justify="left" if not heading else "right")
    summary.add_row("prompts (all constraints hold)", *_cells(tally.prompts))
    summary.add_row("constraints", *_cells(tally.constraints))
    table = Table(title="Per constraint", title_justify="left")
    for heading in ("constraint", "true", "false", "undecided", "of", "accuracy"):
        table.add_column(heading, justify="left" if heading == "constraint" else "right")
    for name, count in sorted(tally.by_id.items(), key=lambda item: (item[1].accuracy, item[0])):
        table.add_row(name, *_cells(count))
    return [summary, table]


def fault_table(faults: Sequence[Fault]) -> Table:
    """The faults of a data set, kind by kind."""
    counts = Counter(fault.kind for fault in faults)
    said = ", ".join(f"{n} {kind}" for kind, n in counts.most_common()) or "none"
    table = Table(title=f"Faults: {said}", title_justify="left")
    for heading in ("key", "fault", "what"):
        table.add_column(heading, overflow="fold")
    for fault in sorted(faults, key=lambda fault: fault.kind):
        where = f" [{', '.join(fault.subset)}]" if fault.subset else ""
        table.add_row(str(fault.key), fault.kind, printable(fault.sentence + where))
    return table


def format_table(formats: Mapping[str, Format]) -> Table:
    """The formats with their published ids: how many are mapped to constraints, to rubrics, or to nothing."""
    table = Table(title="Formats", title_justify="left")
    for heading in ("format", "ids", "by rule", "by a judge", "unsupported", "otherwise"):
        table.add_column(heading, justify="left" if heading in ("format", "otherwise") else "right")
    for name, format in sorted(formats.items()):
        judged, missing = len(format.judged), len(format.unsupported)
        counts = [str(n) for n in (len(format.ids), len(format.ids) - judged - missing, judged, missing)]
        reasons = [f"{id}: {reason}" for id, reason in format.unsupported.items()]
        table.add_row(name, *(counts if format.ids else ["", "", "", ""]), "; ".join([format.about, *reasons]))
    return table


def notes(tally: Tally, joined: Joined) -> list[str]:
    """What else is to be known of a run, a sentence each."""
    said = []
    if tally.mean_reward is not None:
        said.append(f"Mean reward {tally.mean_reward:.4f} over {len(tally.rewards)} decided responses.")
    for cause, count in sorted(tally.causes.items()):
        said.append(f"{counted(count, 'finding')} undecided; {_CAUSES[cause]}.")
    if joined.unmatched:
        said.append(f"{counted(joined.unmatched, 'response')} without a row in the data, left out.")
    if joined.unanswered:
        said.append(f"{counted(joined.unanswered, 'row')} without a response.")
    empty = sum(text is None for _, text in joined.pairs)
    if empty:
        said.append(f"{counted(empty, 'response')} null (a failed generation), taken as empty.")
    return said


def answer_table(tally: Tally) -> Table:
    """What the judge answered, and why it abstained where it did."""
    total = tally.answers.total()
    table = Table(title=f"The judge's {counted(total, 'answer')}", title_justify="left")
    for heading in ("answer", "number", "share"):
        table.add_column(heading, justify="left" if heading == "answer" else "right")
    for said, n in sorted(tally.answers.items(), key=lambda one: (one[0] not in ("yes", "no"), -one[1], one[0])):
        table.add_row(said if said in ("yes", "no") else f"abstains: {said}", str(n), f"{n / total:.1%}")
    return table


def judge_notes(tally: Tally, spent: Usage, left: int) -> list[str]:
    """What judging cost, what it saved, and what is left to do, a sentence each."""
    total = tally.answers.total()
    said = [f"{counted(total, 'answer')}: {total - tally.asked} on file, {tally.asked} asked for."]
    if spent.requests:
        reasoning = f" ({spent.reasoning} of them reasoning)" if spent.reasoning else ""
        said.append(
            f"{counted(spent.requests, 'request')}, the probe and retries included; {spent.prompt} tokens read, "
            f"{spent.completion} written{reasoning}."
        )
    if tally.unasked:
        said.append(f"{counted(tally.unasked, 'question')} not asked, since the rules had decided.")
    if left:
        said.append(f"The budget is spent: {counted(left, 'response')} left. The same command goes on from here.")
    return said


def cache_table(kept: Iterable[Kept], path: Path) -> Table:
    """The answers on file, by model."""
    size = path.stat().st_size if path.exists() else 0
    table = Table(title=f"{path}: {size / 1e6:.1f} MB", title_justify="left")
    for heading in ("model", "answers", "MB", "first", "last"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for one in kept:
        days = [f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}" for at in (one.first, one.last)]
        table.add_row(one.model, str(one.answers), f"{one.size / 1e6:.1f}", *days)
    return table


def disagreement_table(tally: Tally, other: str) -> Table:
    """Each constraint on which the other back-end says otherwise, with our evidence."""
    title = f"{len(tally.disagreements)} of {tally.compared} findings differ from {other}"
    table = Table(title=title, title_justify="left", show_lines=True)
    for heading in ("key", "constraint", "ours", other, "our finding", "evidence"):
        table.add_column(heading, overflow="fold")
    for found in sorted(tally.disagreements, key=lambda d: (d.id, str(d.key))):
        ours, theirs = (Styled(_WORDS[ok], _STYLES[ok]) for ok in (found.ours, found.theirs))
        note, evidence = Styled(printable(found.note)), Styled(printable(found.evidence))
        table.add_row(str(found.key), found.id, ours, theirs, note, evidence)
    return table


def verdict_table(verdict: Verdict) -> Table:
    """The findings of one verdict."""
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("", "constraint", "found"):
        table.add_column(heading, overflow="fold")
    for finding in verdict.findings:
        name = "" if finding.spec is None else finding.spec.source_id or finding.spec.id
        table.add_row(Styled(_WORDS[finding.ok], _STYLES[finding.ok]), name, Styled(printable(finding.note)))
    return table


def marked(response: str, finding: Finding, *, brackets: bool = False) -> Styled:
    """The response with the evidence of a finding in reverse, or in brackets where there are no colours."""
    text = Styled()
    at = 0
    for start, end in finding.spans:
        if start >= at:
            found = printable(response[start:end])
            text.append(printable(response[at:start]))
            text.append(f"\u27e6{found}\u27e7" if brackets else found, style=f"reverse {_STYLES[finding.ok]}")
            at = end
    text.append(printable(response[at:]))
    return text


def _cells(count: Count) -> tuple[str, ...]:
    return str(count.true), str(count.false), str(count.undecided), str(count.total), f"{count.accuracy:.4f}"
