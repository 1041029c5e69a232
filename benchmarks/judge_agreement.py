"""Claim: a small judge asked for all constraints at once judges no better than one asked for each of them alone.

The measurement of the paper behind this library, by its machinery: models of 135M and 270M parameters sit near chance,
so that its figures are not to be looked for here. 330 real responses (Qwen2.5-0.5B, Qwen2.5-7B, GPT-4) to 110 prompts
of IFEval, and those that hold with one constraint broken, were judged behind vLLM by bare labels at temperature 0;
benchmarks/recorded has the verdicts without the texts. Prints precision and recall of both classes, natural responses
and mutants apart. Exit status 1 where answers are missing, or where J is surely higher asked at once.

What recorded them, for a server's address and the model's name there (responses: one file for each model):
    rewardkit audit input_data.jsonl --responses A.jsonl --responses B.jsonl --responses C.jsonl --prompts 110
      --model NAME --base-url URL --no-rationale --batched --max-tokens 200 --exploited 24 --record FILE --digests

usage: judge_agreement.py [--html FOLDER]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from rewardkit import audit
from rewardkit.audit.free import Responded
from rewardkit.cli_audit import drawn
from rewardkit.formats import read_joined
from rewardkit.judge import RecordedJudge

if TYPE_CHECKING:
    from rewardkit.audit.agreement import Agreement
    from rewardkit.audit.intervals import Interval

DATA = Path(os.environ.get("REWARDKIT_DATA", Path(__file__).parents[2] / "shared" / "data"))
RECORDED = Path(__file__).parent / "recorded"
RESPONSES = {
    "qwen2.5-0.5b": "m_ifeval/en_input_response_data_Qwen__Qwen2.5-0.5B-Instruct-GPTQ-Int4.jsonl",
    "qwen2.5-7b": "m_ifeval/en_input_response_data_Qwen__Qwen2.5-7B-Instruct-GPTQ-Int4.jsonl",
    "gpt-4": "ifeval/gpt4_20231107_responses.jsonl",
}


def pairs(data: Path = DATA) -> list[Responded]:
    """The responses that were judged."""
    prompts = data / "ifeval" / "input_data.jsonl"
    found = [
        Responded(row, text, model)
        for model, file in RESPONSES.items()
        for row, text in read_joined(prompts, data / file).pairs
    ]
    return drawn(found, 110, seed=0)


def audited(name: str, responses: list[Responded]) -> audit.Audit:
    """The audit of a recorded judge."""
    file = RECORDED / f"{name}.jsonl"
    judge, together = RecordedJudge.read(file), RecordedJudge.read_together(file)
    return audit.judge(judge, responses, seed=0, together=together, exploited=24, subject=name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--html", type=Path, help="a folder for the pages")
    args = parser.parse_args()
    console, short = Console(), []
    responses = pairs()
    for name in sorted(file.stem for file in RECORDED.glob("*.jsonl")):
        found = audited(name, responses)
        assert found.agreement is not None
        console.print(f"\n{name}: {len(responses)} responses. {found.decision}: {found.ruling.rule}", soft_wrap=True)
        table = Table(title_justify="left")
        for heading in ("", "of", "recall on false", "recall on true", "precision of true", "precision of false", "J"):
            table.add_column(heading)
        for kind, one in {"natural, one at a time": found.agreement, **found.compared}.items():
            table.add_row(kind, *_cells(one))
        console.print(table)
        alone, at_once = found.agreement, found.compared["natural, all at once"]
        if alone.youden[2] < at_once.youden[0]:
            short.append(f"{name}: asked at once it does better than one at a time")
        if alone.abstained.value > 0.1:
            short.append(f"{name}: {alone.abstained.value:.0%} abstained, so that answers are missing")
        if args.html:
            args.html.mkdir(parents=True, exist_ok=True)
            found.save(args.html / f"{name}.html")
    for line in short:
        console.print(line)
    return 1 if short else 0


def _cells(one: Agreement) -> list[str]:
    rates = (one.recall_wrong, one.recall_right, one.precision_right, one.precision_wrong)
    j = "" if one.recall_right.n == 0 else f"{one.youden[0]:.2f} ({one.youden[1]:.2f} to {one.youden[2]:.2f})"
    return [str(one.recall_wrong.n + one.recall_right.n), *map(_told, rates), j]


def _told(one: Interval) -> str:
    return "" if one.n == 0 or one.value != one.value else f"{one.value:.1%} ({one.low:.1%} to {one.high:.1%})"


if __name__ == "__main__":
    sys.exit(main())
