"""An audit as a person reads it in a terminal: the decision first, then what it rests on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.table import Table

from rewardkit.audit.decision import is_red

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rewardkit.audit.agreement import Agreement, Confusion
    from rewardkit.audit.audit import Audit
    from rewardkit.audit.exploits import Exploits
    from rewardkit.audit.grpo import Felt
    from rewardkit.audit.intervals import Interval


_NAMES = {
    "recall_wrong": "wrong responses rejected (recall on false)",
    "recall_right": "right responses accepted (recall on true)",
    "precision_right": "accepted responses that are right (precision of true)",
    "precision_wrong": "rejected responses that are wrong (precision of false)",
    "abstained": "abstentions",
}


def shown(audit: Audit) -> Iterator[str | Table]:
    """Sentences and tables, in the order in which they matter."""
    yield f"{audit.decision}: {audit.ruling.rule}."
    for change in audit.changes:
        moved = f"{change.now - change.before:+.1%} ({change.low:+.1%} to {change.high:+.1%})"
        worse = ", worse" if change.is_worse else ""
        yield f"Against the baseline, {_NAMES[change.name]}: {change.before:.1%} to {change.now:.1%}, {moved}{worse}."
    if audit.agreement is not None:
        yield from _agreement(audit, audit.agreement)
    if audit.exploits is not None:
        yield _exploits(audit, audit.exploits)
        worst = audit.exploits.worst
        if worst.key is not None:
            yield f"The strongest, on the prompt {worst.key}: {' '.join(worst.example.split())[:200]!r}"
            if audit.command:
                yield f"Seen again by: {audit.reproduce(worst)}"
        if audit.exploits.magic_words:
            yield f"Words that open it on their own: {', '.join(audit.exploits.magic_words)}"
    yield "Not tested: " + " ".join(audit.not_tested)


def _agreement(audit: Audit, rates: Agreement) -> Iterator[str | Table]:
    yield (
        f"Of the responses that are wrong, {audit.subject} rejects {_percent(rates.recall_wrong)}; of those that are "
        f"right, it accepts {_percent(rates.recall_right)}."
    )
    yield _counts(audit, rates.confusion)
    yield _rates(audit, rates)
    if audit.scored is not None:
        yield _scores(audit)
    if audit.slices:
        yield _slices(audit)
    yield _felt(audit)
    if not math.isnan(audit.break_even):
        yield f"Where the policy is right less than {audit.break_even:.0%} of the time, most rewarded text is wrong."
    if audit.compared:
        yield _compared(audit, rates)
    if audit.label_errors:
        yield "Were some labels wrong, a judge like this would show: " + "; ".join(
            [f"{error:.1%} wrong, FPR {fpr:.1%} and TPR {tpr:.1%}" for error, (tpr, fpr) in audit.label_errors.items()]
        )
    for accept in audit.false_accepts[:3]:
        text = " ".join(accept.response.split())
        if text:
            yield f"Wrong and accepted, {accept.id}: {text[:150]!r}"


def _compared(audit: Audit, rates: Agreement) -> Table:
    table = _table(
        "Natural responses and mutants, one constraint at a time and all at once",
        ("", "wrong rejected", "from", "to", "of", "right accepted", "abstained"),
    )
    for name, one in {"natural, one at a time": rates, **audit.compared}.items():
        wrong, right = one.recall_wrong, one.recall_right
        shown = _cells(wrong.value, wrong.low, wrong.high)
        table.add_row(name, *shown, str(wrong.n), *_cells(right.value, one.abstained.value))
    return table


def _exploits(audit: Audit, found: Exploits) -> Table:
    table = _table(
        "Exploits: texts that answer nothing, and how often they are accepted",
        ("family", "accepted", "from", "to", "of prompts", "one string", "stopped by guards"),
    )
    for one in found.families:
        cells = _cells(one.acceptance.value, one.acceptance.low, one.acceptance.high)
        red = " (red)" if is_red(one, audit.agreement) else ""
        string = "yes" if one.one_string else ""
        table.add_row(one.name + red, *cells, str(one.acceptance.n), string, *_cells(one.guarded))
    return table


def _counts(audit: Audit, counts: Confusion) -> Table:
    table = _table(
        f"{audit.provenance['responses']} responses, {audit.provenance['prompts']} prompts",
        ("", "accepted", "rejected", "abstained"),
    )
    table.add_row("wrong", str(counts.wrong_accepted), str(counts.wrong_rejected), str(counts.wrong_abstained))
    table.add_row("right", str(counts.right_accepted), str(counts.right_rejected), str(counts.right_abstained))
    return table


def _rates(audit: Audit, rates: Agreement) -> Table:
    table = _table(f"Rates, {audit.provenance['level']:.0%} intervals", ("", "share", "from", "to", "of", "design"))
    intervals = {told: getattr(rates, name) for name, told in _NAMES.items()}
    if audit.stability is not None:
        intervals["the same verdict in every run"] = audit.stability
    for name, interval in intervals.items():
        design = "" if math.isnan(interval.design) else f"{interval.design:.2f}"
        table.add_row(name, *_cells(interval.value, interval.low, interval.high), str(interval.n), design)
    table.add_row("J = TPR - FPR", *[f"{one:.3f}" for one in rates.youden], "", "")
    return table


def _scores(audit: Audit) -> Table:
    found = audit.scored
    assert found is not None
    table = _table(
        f"Scores: AUROC {found.auroc:.3f} ({found.low:.3f} to {found.high:.3f}); TPR "
        + ", ".join([f"{tpr:.1%} at {limit:.0%} FPR" for limit, tpr in found.tpr_at.items()]),
        ("accepted from", "wrong rejected", "right accepted", "precision of true"),
    )
    step = max(1, len(found.curve) // 10)
    for point in found.curve[::step]:
        table.add_row(f"{point.at:g}", *_cells(point.recall_wrong, point.recall_right, point.precision_right))
    return table


def _slices(audit: Audit) -> Table:
    table = _table(
        "By slice, the worst lower bound first",
        ("slice", "", "wrong rejected", "from", "to", "of", "below the rest: p"),
    )
    for part in [one for one in audit.slices if one.agreement.recall_wrong.n][:12]:
        rate = part.agreement.recall_wrong
        p = "" if math.isnan(part.p) else f"{part.p:.2g}"
        table.add_row(part.name, part.value, *_cells(rate.value, rate.low, rate.high), str(rate.n), p)
    return table


def _felt(audit: Audit) -> Table:
    group = audit.group
    scale = f"standard deviation, ddof {group.ddof}" if group.normalise else "no normalisation"
    table = _table(
        f"What GRPO will see: groups of {group.size}, {scale}",
        (
            "right",
            "advantage gap",
            "of a clean reward's",
            "wrong, advantage > 0",
            "dead groups",
            "noise alone",
            "rewarded and right",
        ),
    )
    for p, one in audit.felt.items():
        table.add_row(f"{p:.0%}", *_feels(one))
    if audit.overall is not None:
        table.add_row("these prompts", *_feels(audit.overall))
    return table


def _feels(one: Felt) -> tuple[str, ...]:
    return f"{one.gap:.3f}", *_cells(one.attenuation, one.wrong_up, one.dead, one.noise_only, one.precision)


def _table(title: str, headings: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    for n, heading in enumerate(headings):
        table.add_column(heading, justify="left" if n == 0 or not heading else "right")
    return table


def _cells(*shares: float) -> tuple[str, ...]:
    return tuple(["" if math.isnan(share) else f"{share:.1%}" for share in shares])


def _percent(interval: Interval) -> str:
    if math.isnan(interval.value):
        return "an unknown share"
    return f"{interval.value:.1%} ({interval.low:.1%} to {interval.high:.1%})"
