"""Claim: every `violate` over real responses is caught by our verifier, for a hundred kinds of constraint and more.

A mode is a constraint with one choice of its relation, case, unit and the like. On real responses of three models each
mode gets the count that the response has, or is made to hold by `satisfy`, and then is broken by `violate`. Where no
response can be made to hold, the constraint's own vectors stand in. The second table takes the responses that fulfil
every constraint of their prompt under ours and the published checkers of IFEval and IFBench, breaks one constraint at a
time, and prints the share that either catches, and how often another constraint of the prompt changed with it. Exit
status 1 if a violation is not caught.

usage: edits.py [--list]
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from measured import ifbench_pairs, ifeval_pairs
from rich.console import Console
from rich.progress import track
from rich.table import Table

from rewardkit import SpecError, formats
from rewardkit.backends import reference
from rewardkit.registry import all_ids, build, get
from rewardkit.text import Text
from rewardkit.verifier import compile

STRONGEST = ("gpt-4", "gpt-4o-mini-2024-07-18", "o1-mini-2024-09-12")
CHOICES = "relation case kind rule unit which of order separator measure marks mark delimiter script".split()  # noqa: SIM905


def modes(id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The modes of a constraint, named, with arguments from its vectors."""
    cls = get(id)
    has_relation = "relation" in {field.name for field in dataclasses.fields(cls)}
    relations = ("at least", "at most", "exactly") if has_relation else (None,)
    seen: set[str] = set()
    for vector in cls.vectors:
        for relation in relations:
            args = {**vector.args, **({"relation": relation} if relation else {})}
            chosen = [str(v) for k, v in sorted(args.items()) if k in CHOICES or isinstance(v, bool)]
            name = " ".join([id, *chosen])
            if name not in seen:
                seen.add(name)
                yield name, args


def made_to_fit(cls: type, args: dict[str, Any], text: Text) -> Any:
    """The constraint, with the count that the text has where it counts."""
    one = cls(**args)
    if hasattr(one, "_count") and "n" in args:
        found = one._count(text)
        one = cls(**{**args, "n": max(found, 1) if args["relation"] == "at least" else found})
    return one


def over_modes(responses: list[str], listed: bool, console: Console) -> tuple[int, int, int]:
    """Modes that were broken, violations, and violations that were not caught."""
    broken = tried = missed = 0
    table = Table(title="Violations by mode")
    for heading in ("mode", "held", "after satisfy", "violated", "caught"):
        table.add_column(heading)
    ids = [id for id in all_ids() if hasattr(get(id), "violate")]
    for id in track(ids, "modes", console=Console(stderr=True), transient=True):
        cls = get(id)
        for name, args in modes(id):
            counts: Counter[str] = Counter()
            vectors = [v.response for v in cls.vectors if v.ok is True and dict(v.args) == args]
            for response in [*responses, *vectors]:
                try:
                    one = made_to_fit(cls, args, Text(response))
                except SpecError:
                    continue
                held = one.check(Text(response)).ok is True
                text = response if held else one.satisfy(response) if hasattr(one, "satisfy") else None
                if text is None or one.check(Text(text)).ok is not True:
                    continue
                counts["held" if held else "made"] += 1
                new = one.violate(text)
                if new is not None:
                    counts["violated"] += 1
                    caught = one.check(Text(new)).ok is False
                    counts["caught"] += caught
                    if not caught:
                        console.print(f"NOT CAUGHT: {one!r}: {new[-80:]!r}", soft_wrap=True)
            broken += counts["violated"] > 0
            tried += counts["violated"]
            missed += counts["violated"] - counts["caught"]
            table.add_row(name, *(str(counts[key]) for key in ("held", "made", "violated", "caught")))
    if listed:
        console.print(table)
    return broken, tried, missed


def over_rows(name: str, pairs: list[tuple[str, Any, str]], console: Console) -> int:
    """Break one constraint at a time of responses that fulfil all; how many ours did not catch."""
    caught: dict[str, Counter[str]] = defaultdict(Counter)
    for _, row, response in track(pairs, name, console=Console(stderr=True), transient=True):
        verifier, published = compile(row.specs), reference(row)
        if verifier.verify(response).ok is not True or published.verify(response).ok is not True:
            continue
        for at, spec in enumerate(row.specs):
            one = build(spec)
            new = one.violate(response) if hasattr(one, "violate") else None
            if new is None:
                continue
            ours, theirs = verifier.verify(new).findings, published.verify(new).findings
            count = caught[(spec.source_id or spec.id).removeprefix("en:")]
            count["tried"] += 1
            count["ours"] += ours[at].ok is False
            count["theirs"] += theirs[at].ok is False
            count["alone"] += all(finding.ok for place, finding in enumerate(ours) if place != at)
    total = sum(caught.values(), Counter())
    table = Table(title=f"{name}: one constraint broken at a time, {total['tried']} violations")
    for heading in ("instruction", "violations", "ours catches", "published catches", "others unchanged"):
        table.add_column(heading, justify="left" if heading == "instruction" else "right")
    for id, count in [*sorted(caught.items()), ("all", total)]:
        shares = [f"{100 * count[key] / count['tried']:.1f} %" for key in ("ours", "theirs", "alone")]
        table.add_row(id, str(count["tried"]), *shares)
    console.print(table)
    return total["tried"] - total["ours"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="the table of all modes")
    listed = parser.parse_args().list
    console = Console(width=140, highlight=False, markup=False, emoji=False)
    ifeval = [(p.model, formats.parse(p.record, "ifeval"), p.response) for p in ifeval_pairs() if p.model in STRONGEST]
    texts = [response for _, _, response in ifeval if response.strip()]
    broken, tried, missed = over_modes(random.Random(0).sample(texts, 60), listed, console)
    console.print(f"{broken} modes broken, {tried} violations, {missed} not caught by ours")
    ifbench = [(p.model, formats.parse(p.record, "ifbench"), p.response) for p in ifbench_pairs()]
    left = over_rows("IFEval", ifeval, console) + over_rows("IFBench", ifbench, console)
    return int(missed + left > 0 or broken < 100)


if __name__ == "__main__":
    sys.exit(main())
