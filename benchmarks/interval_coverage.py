"""Claim: the audit's 95 % intervals hold the true rate in at least 93 % of samples, however clustered by prompt.

Responses to a prompt share its own rate, drawn from a beta distribution with the correlation asked for (0 to .3); 30
to 300 prompts with 4 responses each or with 1 to 8; rates .02 to .5. Printed beside it: what Wilson's interval covers,
which takes all responses as independent. A cell of N samples is called short where it is below 93 % by more than twice
its own standard error. Exit status 1 if a cell is.

usage: interval_coverage.py [--samples N]
"""

from __future__ import annotations

import argparse
import math
import sys
from itertools import product

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from rewardkit.audit.intervals import proportion

CORRELATIONS, PROMPTS, RATES = (0.0, 0.1, 0.2, 0.3), (30, 100, 300), (0.02, 0.05, 0.1, 0.3, 0.5)
LEAST = 0.93


def sizes(kind: str, prompts: int) -> np.ndarray:
    """How many responses each prompt has."""
    return np.full(prompts, 4) if kind == "4 each" else np.arange(prompts) % 8 + 1


def wilson(hits: np.ndarray) -> tuple[float, float]:
    """Wilson's interval (1927) for independent responses."""
    n, share, z = len(hits), float(hits.mean()), 1.959964
    middle, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def covered(rate: float, correlation: float, size: np.ndarray, samples: int) -> tuple[float, float]:
    """The share of samples whose interval holds the rate: ours, and Wilson's."""
    rng = np.random.default_rng([int(1000 * rate), int(1000 * correlation), len(size), int(size.sum())])
    prompt = np.repeat(np.arange(len(size)), size)
    ours = naive = 0
    for n in range(samples):
        strength = 1 / correlation - 1 if correlation else math.inf
        own = rng.beta(rate * strength, (1 - rate) * strength, len(size)) if correlation else np.full(len(size), rate)
        hits = rng.random(len(prompt)) < own[prompt]
        ours += rate in proportion(hits, prompt, seed=n)
        low, high = wilson(hits)
        naive += low <= rate <= high
    return ours / samples, naive / samples


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2000)
    samples = parser.parse_args().samples
    table = Table(title=f"share of {samples} samples whose 95 % interval holds the rate (Wilson's in brackets)")
    for heading in ("responses", "prompts", "correlation", *(f"rate {rate}" for rate in RATES)):
        table.add_column(heading, justify="right")
    least = 1.0
    cells = list(product(("4 each", "1 to 8"), PROMPTS, CORRELATIONS))
    for kind, prompts, correlation in track(cells, "coverage", console=Console(stderr=True), transient=True):
        found = [covered(rate, correlation, sizes(kind, prompts), samples) for rate in RATES]
        least = min(least, *[ours for ours, _ in found])
        shown = [f"{ours:.3f} ({naive:.3f})" for ours, naive in found]
        table.add_row(kind, str(prompts), f"{correlation:.1f}", *shown)
    console = Console(width=140, highlight=False)
    console.print(table)
    allowed = LEAST - 2 * math.sqrt(LEAST * (1 - LEAST) / samples)
    console.print(f"least coverage {least:.3f} (claim: {LEAST}; with {samples} samples a cell may show {allowed:.3f})")
    return int(least < allowed)


if __name__ == "__main__":
    sys.exit(main())
