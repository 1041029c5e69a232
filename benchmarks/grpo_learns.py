"""Claim: the loop learns what is rewarded, on prompts and by a verifier that it was not trained on.

SmolLM2-135M, rules and guards alone, and a vocabulary small enough to be learnt on a CPU: at least 20 words, and no
commas or small letters only. `--short` asks for fewer than 25 words instead, where one word would be the best answer
and nothing but the guards stands in the way: with those of its last run the policy came to short sentences, with weaker
ones it came to single words in thirty steps. Three seeds. Held-out prompts, one greedy response each, before the first
step and every few steps, by rewardkit's verifiers (which are the reward) and by the published checkers of IFEval (which
are not). Draws the curves. Exit status 1 unless the mean over seeds and held-out prompts rises beyond its own 95 %
interval, paired by prompt, under both.

usage: grpo_learns.py MODEL_FOLDER [--steps N] [--seeds N] [--engine vllm] [--short] [--out FOLDER] [--png FILE]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from scipy import stats

TOPICS = [
    "tea",
    "rivers",
    "the moon",
    "bread",
    "old maps",
    "bicycles",
    "winter",
    "bees",
    "glass",
    "a lighthouse",
    "chess",
    "rain",
    "salt",
    "trains",
    "cats",
    "the sea",
    "gardens",
    "clocks",
    "paper",
    "mountains",
    "music",
    "a market",
    "bridges",
    "birds",
    "coffee",
    "snow",
    "a library",
    "horses",
    "stars",
    "soup",
    "boats",
    "dust",
    "apples",
    "stone",
    "letters",
    "wind",
    "a kitchen",
    "silk",
    "dogs",
    "night",
    "ferries",
    "honey",
    "wool",
    "fire",
    "a museum",
    "fog",
    "olives",
    "sand",
    "owls",
    "ink",
    "a harbour",
    "moss",
    "kites",
    "barley",
    "a tunnel",
    "ice",
    "lemons",
    "copper",
    "a village",
    "thunder",
    "mushrooms",
    "candles",
    "an island",
    "cotton",
    "frogs",
    "a desert",
    "pepper",
    "steel",
    "a forest",
    "milk",
    "tulips",
    "a canal",
    "feathers",
    "rice",
    "an attic",
    "pearls",
    "a valley",
    "cheese",
    "shadows",
    "oak trees",
]
LONG = ("Answer with at least 20 words.", "length_constraints:number_words", {"relation": "at least", "num_words": 20})
SHORT = ("Use less than 25 words.", "length_constraints:number_words", {"relation": "less than", "num_words": 25})
FORMS = (
    ("Do not use any commas.", "punctuation:no_comma", {}),
    ("Use lowercase letters only.", "change_case:english_lowercase", {}),
)


def records(length: tuple[str, str, dict] = LONG) -> list[dict]:
    """A prompt for each topic, with a rule about length and one of two about form."""
    found = []
    for n, topic in enumerate(TOPICS):
        rules = [length, FORMS[n % 2]]
        told = " ".join(rule[0] for rule in rules)
        found.append(
            {
                "key": n,
                "prompt": f"Write about {topic}. {told}",
                "instruction_id_list": [rule[1] for rule in rules],
                "kwargs": [rule[2] for rule in rules],
            }
        )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="what tests/engines/make_model.py wrote: FOLDER/hf")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--engine", default="vllm")
    parser.add_argument("--short", action="store_true", help="ask for fewer than 25 words instead of at least 20")
    parser.add_argument("--out", type=Path, default=Path("out-learns"))
    parser.add_argument("--png", type=Path, default=Path(__file__).parent / "grpo_learns.png")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    data = args.out / "prompts.jsonl"
    data.write_text("".join(json.dumps(one) + "\n" for one in records(SHORT if args.short else LONG)), "utf-8")
    config = Path(__file__).with_suffix(".toml")
    for seed in range(args.seeds):
        words = [f"model={args.model}", f"data.path={data}", f"out={args.out / str(seed)}", f"seed={seed}"]
        words += [f"steps={args.steps}", f"rollout.engine={args.engine}"]
        command = [sys.executable, "-m", "rewardkit_trainers.grpo", "--config", str(config), *words]
        print("$", *command, flush=True)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    runs = [read(args.out / str(seed)) for seed in range(args.seeds)]
    for seed in range(args.seeds):
        told = args.out / str(seed) / "warnings.jsonl"
        for line in told.read_text("utf-8").splitlines()[:3] if told.exists() else ():
            print(f"seed {seed}, step {json.loads(line)['step']}: {json.loads(line)['warning']}")
    draw(runs, args.png)
    falls_short = False
    for judged in ("reward", "published"):
        change = np.concatenate([np.subtract(run["held_out"][-1][judged], run["held_out"][0][judged]) for run in runs])
        low, high = stats.t.interval(0.95, len(change) - 1, change.mean(), stats.sem(change))
        first, last = (np.mean([run["held_out"][at][judged] for run in runs]) for at in (0, -1))
        print(
            f"held out, {'the reward' if judged == 'reward' else 'the published checkers'}: {first:.3f} to {last:.3f}, "
            f"+{change.mean():.3f} ({low:.3f} to {high:.3f}), {len(change)} pairs of {args.seeds} seeds"
        )
        falls_short |= low <= 0
    return int(falls_short)


def read(folder: Path) -> dict:
    """Metrics by step, and the held-out results prompt by prompt."""
    metrics = [json.loads(line) for line in (folder / "metrics.jsonl").read_text("utf-8").splitlines()]
    held_out = [json.loads(line) for line in (folder / "held_out.jsonl").read_text("utf-8").splitlines()]
    return {"metrics": metrics, "held_out": held_out}


def draw(runs: list[dict], file: Path) -> None:
    """Curves: the training reward of each seed, smoothed, and the held-out results of each with their mean."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), constrained_layout=True)
    for seed, run in enumerate(runs):
        reward = np.array([one["reward"] for one in run["metrics"]], dtype=float)
        smooth = np.convolve(reward, np.ones(5) / 5, mode="valid")
        left.plot(np.arange(5, len(reward) + 1), smooth, label=f"seed {seed}")
    left.set(title="training: mean reward, 5 steps", xlabel="step", ylabel="share of constraints that hold")
    left.legend()
    drawn = (("reward", "C0", "-", "rewardkit (the reward)"), ("published", "C3", "--", "published checkers"))
    for judged, colour, style, told in drawn:
        steps = [one["step"] for one in runs[0]["held_out"]]
        each = np.array([[np.mean(one[judged]) for one in run["held_out"]] for run in runs])
        for line in each:
            right.plot(steps, line, style, color=colour, alpha=0.3)
        right.plot(steps, each.mean(0), style, color=colour, linewidth=2.5, label=told)
    right.set(title="held-out prompts, greedy", xlabel="step", ylabel="share of constraints that hold")
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(file, dpi=120)


if __name__ == "__main__":
    sys.exit(main())
