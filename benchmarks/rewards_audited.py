"""Claim: rewards that people train on today let texts through that answer nothing, and an audit shows which.

Three of them, from the package index, as they are:
- lm-eval's IFEval checkers, on IFEval's prompts with GPT-4's published responses;
- TRL's think_format_reward, on the same prompts;
- math-verify, the grader behind many math rewards, on sums written here.

Prints what each lets through by family of exploits, and the commands that show it again. Exit status 1 where one of
them is open to no family at all, since then this page is out of date.

usage: rewards_audited.py [--prompts N] [--keep FOLDER]     (needs lm-eval, trl and math-verify)
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rewardkit import audit, formats
from rewardkit.backends.nltk_data import provide_nltk_data
from rewardkit.formats import read_joined

DATA = Path(os.environ.get("REWARDKIT_DATA", Path(__file__).parents[2] / "shared" / "data"))


def ifeval(record: dict[str, Any], response: str) -> bool:
    """lm-eval's strict verdict on a prompt of IFEval."""
    provide_nltk_data()  # or they would download it
    from lm_eval.tasks.ifeval.utils import process_results

    random.seed(0)  # the checkers draw what a record leaves out
    return bool(process_results(record, [response])["prompt_level_strict_acc"])


def graded(response: str, solution: str) -> bool:
    """math-verify's verdict, as its README has it."""
    from math_verify import parse, verify

    return bool(verify(parse(f"${solution}$"), parse(response)))


def sums(n: int = 100) -> list[dict[str, Any]]:
    """Sums with their solutions."""
    drawn = random.Random(0)
    pairs = [(drawn.randint(2, 60), drawn.randint(2, 60)) for _ in range(n)]
    return [
        {"key": f"{a}+{b}", "prompt": f"What is {a} + {b}?", "specs": [], "solution": str(a + b)} for a, b in set(pairs)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=100, help="prompts that each reward is tried on")
    parser.add_argument("--keep", type=Path, default=Path("rewards-audited"), help="folder for data and pages")
    args = parser.parse_args()
    from trl.rewards import think_format_reward

    args.keep.mkdir(parents=True, exist_ok=True)
    arithmetic = args.keep / "sums.jsonl"
    arithmetic.write_text("".join(json.dumps(one) + "\n" for one in sums()), "utf-8")
    prompts, responses = DATA / "ifeval" / "input_data.jsonl", DATA / "ifeval" / "gpt4_20231107_responses.jsonl"
    answered = read_joined(prompts, responses).pairs
    cases: list[tuple[str, Any, Path, dict[str, Any], str]] = [
        ("lm-eval IFEval", ifeval, prompts, {"responses": answered}, "rewards_audited:ifeval"),
        ("TRL think_format", think_format_reward, prompts, {"chat": True}, "trl.rewards:think_format_reward"),
        ("math-verify", graded, arithmetic, {}, "rewards_audited:graded"),
    ]
    console, closed = Console(), []
    for name, function, data, options, imported in cases:
        rows = list(formats.read(data))
        found = audit.reward(function, rows, seed=0, most=args.prompts, subject=name, **options)
        given = f" --responses {responses}" if "responses" in options else " --chat" if "chat" in options else ""
        found = found.reproduced_by(f"rewardkit audit {data} --reward {imported}{given}")
        found.save(args.keep / f"{name.replace(' ', '-')}.html")
        console.print(f"\n{name}: {found.decision}, {found.ruling.rule}", soft_wrap=True)
        assert found.exploits is not None
        opened = [one for one in found.exploits.families if one.acceptance.value > 0]
        console.print(_table(name, opened))
        for one in opened[:3]:
            console.print(f"  {found.reproduce(one)}", soft_wrap=True, highlight=False)
        if not opened:
            closed.append(name)
    for name in closed:
        console.print(f"{name} is open to no family: say so, or find one")
    return 1 if closed else 0


def _table(name: str, opened: list[Any]) -> Table:
    table = Table(title=f"{name}: what is accepted", title_justify="left")
    for heading in ("family", "accepted", "from", "to", "stopped by guards", "such as"):
        table.add_column(heading)
    for one in opened:
        rate = one.acceptance
        guarded = f"{one.guarded:.0%}"
        text = " ".join(one.example.split())
        table.add_row(one.name, f"{rate.value:.0%}", f"{rate.low:.0%}", f"{rate.high:.0%}", guarded, repr(text[:60]))
    return table


if __name__ == "__main__":
    sys.exit(main())
