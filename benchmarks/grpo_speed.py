"""Claim: one and a half times the tokens a second of TRL's GRPOTrainer, and rewards in less than 1 % of a step.

Same model, prompts, group size, longest response, loss (dapo, no KL), reward, precision (weights in float32, products
in bfloat16), no gradient checkpointing, the same machine; each trainer in a process of its own, taking turns. Both
sample with transformers; ours with vLLM as well (on a CPU vLLM refuses the weights as TRL 1.16 hands them over). The
first step of each is left out. The gain is attributed to phases. Exit status 1 where the claim fails.

usage: grpo_speed.py MODEL_FOLDER [--steps N] [--rounds N] [--tokens N] [--vllm]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from grpo_learns import records
from rich.console import Console
from rich.table import Table

CLAIM = 1.5
PROMPTS, GROUP, RATE = 4, 8, 1e-6
PHASES = ("sample", "reward", "train", "other")


def ours(model: str, data: Path, out: Path, steps: int, tokens: int, engine: str) -> list[dict[str, float]]:
    """Seconds by phase and tokens of each step of the loop."""
    from rewardkit.scoring import Scorer
    from rewardkit_trainers.grpo.config import Config
    from rewardkit_trainers.grpo.loop import Trainer

    spent = timed(Scorer, "score")
    config = Config.model_validate(
        {
            "model": model, "out": out, "steps": steps, "prompts": PROMPTS, "group": GROUP, "watch": 0,
            "data": {"path": data, "held_out": 0}, "rollout": {"engine": engine, "tokens": tokens},
            "reward": {"kind": "fraction"}, "loss": {"kind": "dapo"}, "optimiser": {"lr": RATE},
        }
    )  # fmt: skip
    rewards = []

    class Timed(Trainer):
        def _update(self, rollouts):
            rewards.append(spent.pop("score", 0.0))
            return super()._update(rollouts)

    Timed(config).train()
    logged = [json.loads(line) for line in (out / "metrics.jsonl").read_text("utf-8").splitlines()]
    found = []
    for one, reward in zip(logged, rewards, strict=True):
        sample, train = one["seconds/sample"] - reward, one["seconds/train"]
        total = one["seconds"] - one.get("seconds/save", 0.0)
        other = total - sample - train - reward
        found.append(
            {
                "sample": sample,
                "reward": reward,
                "train": train,
                "other": other,
                "length": one["length"],
                "total": total,
            }
        )
    return found


def trl(model: str, data: Path, out: Path, steps: int, tokens: int) -> list[dict[str, float]]:
    """Seconds by phase and tokens of each step of TRL's trainer."""
    from datasets import Dataset
    from transformers import AutoTokenizer, TrainerCallback
    from trl import GRPOConfig, GRPOTrainer

    from rewardkit_trainers.trl import Reward

    rows = [json.loads(line) for line in data.read_text("utf-8").splitlines()]
    columns = {
        "prompt": [[{"role": "user", "content": row["prompt"]}] for row in rows],
        "label": [json.dumps(row) for row in rows],
    }
    arguments = GRPOConfig(
        output_dir=str(out), use_cpu=True, bf16=True, gradient_checkpointing=False, max_steps=steps, learning_rate=RATE,
        per_device_train_batch_size=PROMPTS * GROUP, num_generations=GROUP, max_completion_length=tokens,
        lr_scheduler_type="constant", logging_steps=1, save_strategy="no", report_to=[], loss_type="dapo", beta=0.0,
        model_init_kwargs={"dtype": "float32"},
    )  # fmt: skip
    spent = timed(GRPOTrainer, "_generate", "_calculate_rewards")
    times: list[float] = []
    found: list[dict[str, float]] = []

    class Clock(TrainerCallback):
        def on_step_begin(self, *_: object, **__: object) -> None:
            times.append(time.perf_counter())

        def on_step_end(self, *_: object, **__: object) -> None:
            total = time.perf_counter() - times[-1]
            sample, reward = spent.pop("_generate"), spent.pop("_calculate_rewards")
            found.append({"sample": sample, "reward": reward, "train": total - sample - reward, "total": total})

        def on_log(self, _args: object, _state: object, _control: object, logs: dict[str, float], **__: object) -> None:
            if "completions/mean_length" in logs:
                found[-1] |= {"length": logs["completions/mean_length"], "other": 0.0}

    trainer = GRPOTrainer(
        model=model, processing_class=AutoTokenizer.from_pretrained(model), reward_funcs=[Reward(reward="fraction")],
        args=arguments, train_dataset=Dataset.from_dict(columns), callbacks=[Clock()],
    )  # fmt: skip
    trainer.train()
    return found


def timed(owner: type, *names: str) -> dict[str, float]:
    """Let methods count the seconds they take."""
    spent: dict[str, float] = defaultdict(float)
    for name in names:
        plain = getattr(owner, name)

        def counted(*args, _plain=plain, _name=name, **more):
            begin = time.perf_counter()
            try:
                return _plain(*args, **more)
            finally:
                spent[_name] += time.perf_counter() - begin

        setattr(owner, name, counted)
    return spent


def run(who: str, args: argparse.Namespace, folder: Path) -> list[dict[str, float]]:
    """One trainer in a process of its own; its first step, which loads what is loaded once, is left out."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        words = ["--as", who, "--steps", str(args.steps + 1), "--tokens", str(args.tokens), "--work", out]
        command = [sys.executable, __file__, args.model, *words]
        quiet = {**os.environ, "TQDM_DISABLE": "1", "VLLM_LOGGING_LEVEL": "ERROR"}
        done = subprocess.run(command, capture_output=True, text=True, env=quiet)
        file = Path(out) / "steps.json"
        if done.returncode or not file.exists():
            sys.exit(f"{who} failed:\n{done.stderr[-3000:]}")
        return json.loads(file.read_text("utf-8"))[1:]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="what tests/engines/make_model.py wrote: FOLDER/hf")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=96)
    parser.add_argument("--vllm", action="store_true", help="time the loop with vLLM as well")
    parser.add_argument("--as", dest="who", help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.who:
        data = args.work / "prompts.jsonl"
        data.write_text("".join(json.dumps(one) + "\n" for one in records()), "utf-8")
        if args.who == "trl":
            steps = trl(args.model, data, args.work / "out", args.steps, args.tokens)
        else:
            steps = ours(args.model, data, args.work / "out", args.steps, args.tokens, args.who)
        (args.work / "steps.json").write_text(json.dumps(steps), "utf-8")
        return 0
    names = {"trl": "TRL's GRPOTrainer, transformers", "transformers": "this loop, transformers"}
    if args.vllm:
        names["vllm"] = "this loop, vLLM"
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(args.rounds):
            for who in names:
                found[who] += run(who, args, Path(folder))
    console = Console(width=130, highlight=False)
    table = Table(
        title=f"{PROMPTS} prompts x {GROUP} responses of up to {args.tokens} tokens, {args.rounds} x {args.steps} steps"
    )
    for heading in ("trainer", "s/step", *PHASES, "tokens/s", "length", "s/step of TRL's", "tokens/s of TRL's"):
        table.add_column(heading, justify="left" if heading == "trainer" else "right")
    mean = {who: {key: statistics.fmean(one[key] for one in steps) for key in steps[0]} for who, steps in found.items()}
    rate = {who: PROMPTS * GROUP * one["length"] / one["total"] for who, one in mean.items()}
    for who, one in mean.items():
        ratios = f"{mean['trl']['total'] / one['total']:.2f}", f"{rate[who] / rate['trl']:.2f}"
        phases = [f"{one[phase]:.2f}" for phase in PHASES]
        table.add_row(names[who], f"{one['total']:.1f}", *phases, f"{rate[who]:.0f}", f"{one['length']:.0f}", *ratios)
    console.print(table)
    plain = mean["transformers"]
    gained = mean["trl"]["total"] - plain["total"]
    for phase in PHASES:
        part = mean["trl"][phase] - plain[phase]
        console.print(f"of the {gained:.1f} s gained a step, {phase}: {part:.2f} s ({part / gained:.0%})")
    share = max(one["reward"] / one["total"] for who, one in mean.items() if who != "trl")
    console.print(f"rewards: {share:.2%} of a step")
    return int(rate["transformers"] < CLAIM * rate["trl"] or share > 0.01)


if __name__ == "__main__":
    sys.exit(main())
