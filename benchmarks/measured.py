"""What the benchmarks share: the real responses they measure on, and the figures recorded when last looked at.

The data is not part of the project: REWARDKIT_DATA names its folder (default: shared/data beside the project).
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from rewardkit import formats
from rewardkit.formats.responses import join

DATA = Path(os.environ.get("REWARDKIT_DATA", Path(__file__).parents[1].parent / "shared" / "data"))
_BASELINE = Path(__file__).with_name("baseline.json")


class Pair(NamedTuple):
    """A record of IFEval and a response of one model to its prompt."""

    model: str
    record: dict[str, Any]
    response: str


@cache
def ifeval_pairs() -> tuple[Pair, ...]:
    """GPT-4's 540 responses to IFEval, six models' 541 each to M-IFEval's English prompts; a missing one is empty."""
    if not DATA.is_dir():
        sys.exit(f"no data at {DATA}: REWARDKIT_DATA must name a folder with ifeval/ and m_ifeval/")
    found = _joined("ifeval/input_data.jsonl", DATA / "ifeval" / "gpt4_20231107_responses.jsonl", "gpt-4")
    return (*found, *m_ifeval_pairs("en"))


@cache
def m_ifeval_pairs(language: str) -> tuple[Pair, ...]:
    """The published models' responses to M-IFEval's prompts in the language; a missing one is empty."""
    found: list[Pair] = []
    prefix = f"{language}_input_response_data_"
    for file in sorted(DATA.glob(f"m_ifeval/{prefix}*.jsonl")):
        model = file.stem.removeprefix(prefix).rpartition("__")[2]
        found += _joined(f"m_ifeval/{language}_input_data.jsonl", file, model)
    return tuple(found)


@cache
def ifbench_pairs() -> tuple[Pair, ...]:
    """IFBench's 293 published sample responses that belong to one of its prompts."""
    return tuple(_joined("ifbench/IFBench_test.jsonl", DATA / "ifbench" / "sample_output.jsonl", "sample"))


def _joined(rows: str, responses: Path, model: str) -> list[Pair]:
    pairs = join(formats.read(DATA / rows), formats.records(responses)).pairs
    return [Pair(model, dict(row.record), response or "") for row, response in pairs]


def fresh(text: str) -> str:
    """An equal string that nothing has seen before, so that no cache can know it."""
    return (text + "\0")[:-1]


def against_baseline(name: str, figures: dict[str, float]) -> str:
    """One line that compares figures with those recorded, or records them if `--record` is among the arguments."""
    known = json.loads(_BASELINE.read_text("utf-8")) if _BASELINE.exists() else {}
    if "--record" in sys.argv:
        known[name] = figures
        _BASELINE.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", "utf-8")
        return f"recorded as the baseline of {name}"
    before = known.get(name, {})
    told = [
        f"{figure} {value:.4g} (recorded {before.get(figure, float('nan')):.4g})" for figure, value in figures.items()
    ]
    return "; ".join(told)
