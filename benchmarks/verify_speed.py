"""Claim: ten times the throughput of the published IFEval checkers on GPT-4's responses.

One core, one process. The checkers are lm-eval's, called as lm-eval calls them (strict). Both sides verify the same
responses in turns of equal length, theirs one pass and ours as many as fit; the ratio of each round is taken, and the
median is the figure. Ours includes reading the record and compiling its constraints; strings are new objects in every
pass and nothing is kept between responses. Spans are found when they are read, which a reward never does: the ratio
with every span read, as a report reads them, stands beside the other.

All seven models' responses are longer, and more of them are in languages that need the detector: their ratio is printed
without a claim, and so is that of IFBench's sample responses, with a stand-in for the tagger that one of its checkers
downloads where textblob-aptagger is installed, and without that checker where it is not. Then: the time of ours by
part, and how far it is from one pass over the characters.

usage: verify_speed.py [--rounds N] [--record]
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from measured import Pair, against_baseline, fresh, ifbench_pairs, ifeval_pairs
from rich.console import Console
from rich.table import Table
from stand_in_tagger import provide_tagger

from rewardkit import formats
from rewardkit.backends import if_verifiable, lm_eval
from rewardkit.registry import build
from rewardkit.text import Text
from rewardkit.types import Span, Verdict
from rewardkit.verifier import compile

CLAIM = 10
WORD = re.compile(r"\w+")
clock = time.perf_counter


Checker = Callable[[str], object]


def verify(pair: Pair, response: str, format: str = "ifeval") -> Verdict:
    """From the record as it stands in the file to the verdict with its evidence."""
    return compile(formats.parse(pair.record, format).specs).verify(response)


def published_ifeval(pair: Pair) -> Checker:
    """lm-eval's checkers, called as lm-eval calls them."""
    package = lm_eval.package()
    ids = [id.removeprefix("en:") for id in pair.record["instruction_id_list"]]
    example = package.InputExample(pair.record["key"], ids, pair.record["prompt"], pair.record["kwargs"])
    return partial(package.test_instruction_following_strict, example)


def published_ifbench(pair: Pair) -> Checker:
    """if-verifiable's checkers, called as its strict mode calls them."""
    registry, _ = if_verifiable.package()
    asked = list(zip(pair.record["instruction_id_list"], pair.record["kwargs"], strict=True))

    def check(response: str) -> list[bool]:
        found = []
        for id, kwargs in asked:
            checker = registry[id](id)
            checker.build_description(**{name: value for name, value in kwargs.items() if value is not None})
            if "prompt" in (checker.get_instruction_args() or ()):
                checker.build_description(prompt=pair.record["prompt"])
            found.append(bool(response.strip()) and bool(checker.check_following(response)))
        return found

    return check


def verify_and_show(pair: Pair, response: str, format: str = "ifeval") -> list[tuple[Span, ...]]:
    """The same, with every span read."""
    return [finding.spans for finding in verify(pair, response, format).findings]


class Ratio(NamedTuple):
    """Medians of the rounds, and the least seconds for all pairs."""

    verdicts: float
    with_spans: float
    ours: float
    published: float


def ratio(pairs: list[Pair], rounds: int, format: str = "ifeval") -> Ratio:
    """How many times as fast ours are, round by round: the verdicts alone, and with every span read."""
    checkers = [(published_ifeval if format == "ifeval" else published_ifbench)(pair) for pair in pairs]
    ours: list[float] = []
    theirs: list[float] = []
    ratios: dict[Callable[..., object], list[float]] = {verify: [], verify_and_show: []}
    for _ in range(rounds):
        texts = [fresh(pair.response) for pair in pairs]
        start = clock()
        for check, text in zip(checkers, texts, strict=True):
            check(text)
        theirs.append(clock() - start)
        for work, found in ratios.items():
            passes: list[float] = []
            while sum(passes) < theirs[-1]:
                texts = [fresh(pair.response) for pair in pairs]
                start = clock()
                for pair, text in zip(pairs, texts, strict=True):
                    work(pair, text, format)
                passes.append(clock() - start)
            ours += passes if work is verify else []
            found.append(theirs[-1] * len(passes) / sum(passes))
    verdicts, with_spans = map(statistics.median, ratios.values())
    return Ratio(verdicts, with_spans, min(ours), min(theirs))


def answerable(pairs: Sequence[Pair]) -> list[Pair]:
    """Those on which IFBench's published checkers do not raise: words:start_verb does where there is no tagger."""
    found = []
    for pair in pairs:
        try:
            published_ifbench(pair)(pair.response)
        except LookupError:
            continue
        found.append(pair)
    return found


def parts(pairs: list[Pair], rounds: int) -> dict[str, float]:
    """Seconds by part, each the least of the rounds: reading, building, each constraint with the cuts it asks first."""
    least: dict[str, float] = {}
    for _ in range(rounds):
        spent: Counter[str] = Counter()
        for pair in pairs:
            text = fresh(pair.response)
            times = [clock()]
            specs = formats.parse(pair.record, "ifeval").specs
            times.append(clock())
            checks = [build(spec) for spec in specs]
            times.append(clock())
            cut = Text(text)
            blank = cut.is_blank
            for constraint in checks:
                if not blank:
                    constraint.check(cut)
                times.append(clock())
            names = ["read the record", "build its constraints", *(spec.id for spec in specs)]
            for name, start, end in zip(names, times[:-1], times[1:], strict=True):
                spent[name] += end - start
        least = {name: min(seconds, least.get(name, seconds)) for name, seconds in spent.items()}
    return least


def least_seconds(work, pairs: list[Pair], rounds: int) -> float:
    """The least seconds that `work` takes for the responses of all pairs."""
    found = []
    for _ in range(rounds):
        texts = [fresh(pair.response) for pair in pairs]
        start = clock()
        for text in texts:
            work(text)
        found.append(clock() - start)
    return min(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--record", action="store_true", help="record the figures as the baseline")
    rounds = parser.parse_args().rounds
    console = Console(width=100, highlight=False)
    tagged = provide_tagger()
    answered = [pair for pair in ifeval_pairs() if pair.response]  # the published checkers raise on a missing one
    ifbench = "IFBench" if tagged else "IFBench, without its tagger"
    sets = {
        "GPT-4": [pair for pair in answered if pair.model == "gpt-4"],
        "all seven models": answered,
        ifbench: answerable(ifbench_pairs()),
    }
    table = Table(title="responses a second, one core (the best round; the ratio is the median of all)")
    for heading in ("responses of", "number", "characters", "ours", "published", "ratio", "with spans"):
        table.add_column(heading, justify="right")
    figures = {}
    for name, pairs in sets.items():
        format = "ifbench" if name == ifbench else "ifeval"
        ratio(pairs, 1, format)  # loads what is loaded once
        found = ratio(pairs, max(3, rounds // 3) if name == "all seven models" else rounds, format)
        figures[name] = found.verdicts
        size = sum(len(pair.response) for pair in pairs) / len(pairs)
        speeds = [f"{len(pairs) / seconds:,.0f}" for seconds in (found.ours, found.published)]
        ratios = f"{found.verdicts:.1f}", f"{found.with_spans:.1f}"
        table.add_row(name, str(len(pairs)), f"{size:,.0f}", *speeds, *ratios)
    console.print(table)
    pairs = sets["GPT-4"]
    spent = parts(pairs, rounds)
    whole = sum(spent.values())
    table = Table(title="microseconds a response, by part (GPT-4)")
    for heading in ("part", "us", "share"):
        table.add_column(heading, justify="right")
    for name, seconds in sorted(spent.items(), key=lambda part: -part[1]):
        table.add_row(name, f"{1e6 * seconds / len(pairs):.1f}", f"{seconds / whole:.0%}")
    console.print(table)
    for name, work in (("copying it in lower case", str.lower), ("finding its words with \\w+", WORD.findall)):
        floor = least_seconds(work, pairs, rounds)
        console.print(f"one pass, {name}: {1e6 * floor / len(pairs):.1f} us; ours takes {whole / floor:.0f} times that")
    console.print(against_baseline("verify_speed", figures))
    return 0 if figures["GPT-4"] >= CLAIM else 1


if __name__ == "__main__":
    sys.exit(main())
