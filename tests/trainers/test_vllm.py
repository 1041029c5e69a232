"""The loop with vLLM and a real model: SmolLM2 learns on IFEval-style prompts for a few steps, with vLLM in the process.

REWARDKIT_MODEL names the folder that tests/engines/make_model.py wrote.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

os.environ |= {"VLLM_CPU_KVCACHE_SPACE": "2", "VLLM_NO_USAGE_STATS": "1"}
MODEL = os.environ.get("REWARDKIT_MODEL", "")
PROJECT = Path(__file__).parents[2]
TIMES = ("seconds", "tokens_per_s")


def test_the_model_is_named():
    assert (Path(MODEL) / "hf" / "config.json").is_file(), "REWARDKIT_MODEL names the folder of make_model.py"


def words(out, **more):
    """A short run: 6 steps of 4 prompts by 4 samples, rules alone."""
    given = {
        "model": f"{MODEL}/hf", "out": str(out), "steps": 6, "prompts": 4, "group": 4, "save": 1, "keep": 10, "evaluate": 3,
        "watch": 3, "data.path": str(PROJECT / "rewardkit" / "data" / "demo_prompts.jsonl"), "data.held_out": 3,
        "rollout.tokens": 48, "reward.kind": "fraction", "reward.guards": False, "optimiser.lr": 1e-5,
    } | more  # fmt: skip
    return [f"{name}={json.dumps(value)}" for name, value in given.items()]


def command(out):
    return [sys.executable, "-m", "rewardkit_trainers.grpo", *words(out)]


def metrics(out):
    lines = (out / "metrics.jsonl").read_text().splitlines()
    return [{k: v for k, v in json.loads(line).items() if not k.startswith(TIMES)} for line in lines]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    done = subprocess.run(command(out), capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr[-3000:]
    return out


def test_a_run_is_whole(undisturbed):
    logged = metrics(undisturbed)
    assert [one["step"] for one in logged] == [1, 2, 3, 4, 5, 6]
    for one in logged:
        assert 0 < one["canary"] < 0.2
        assert one["mismatch"] < 0.2
        assert one["grad_norm"] >= 0
    assert any(one["grad_norm"] > 0 for one in logged)
    assert "held_out/reward" in logged[2]
    from transformers import AutoModelForCausalLM

    first, last = (
        AutoModelForCausalLM.from_pretrained(place).state_dict()
        for place in (f"{MODEL}/hf", undisturbed / "step-000006")
    )
    moved = {name: float((first[name].float() != last[name].float()).float().mean()) for name in first}
    # Kept in bfloat16, nearly all of them would be rounded back to what they were after every step.
    layers = [share for name, share in moved.items() if "layers" in name]
    assert sum(layers) / len(layers) > 0.9, moved
    assert (undisturbed / "samples.jsonl").stat().st_size > 0


def test_a_killed_run_goes_on_as_if_nothing_had_happened(undisturbed, tmp_path):
    process = subprocess.Popen(command(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (tmp_path / "step-000003").exists():
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "step-000006").exists()
    done = subprocess.run(command(tmp_path), capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr[-3000:]
    assert [one["loss"] for one in metrics(tmp_path)] == [one["loss"] for one in metrics(undisturbed)]
    assert metrics(tmp_path) == metrics(undisturbed)


def test_the_canary_proves_that_the_new_weights_are_sampled_from(tmp_path):
    program = f"""
import torch
from rewardkit_trainers.grpo.config import load
from rewardkit_trainers.grpo.loop import Trainer
from rewardkit_trainers.grpo.rollout import StaleWeights
trainer = Trainer(load(None, {words(tmp_path, dtype="float32")!r}))
prompt = trainer.prompts.training[0].tokens
with torch.no_grad():
    torch.manual_seed(0)
    for value in trainer.model.parameters():  # another model: every weight moved by a tenth of its spread
        value.add_(torch.randn_like(value) * value.std() * 0.1)
try:
    trainer.engine._canary(trainer.model)
    raise SystemExit("the canary did not see the old weights")
except StaleWeights as error:
    print("stale:", error)
found = trainer.engine.hand_over(trainer.model)
assert found["canary"] < 0.01, found
(sampled,) = trainer.engine.sample([prompt], 1, seed=0, greedy=True)
made = trainer.model.generate(torch.tensor([prompt]), max_new_tokens=48, do_sample=False)[0, len(prompt):].tolist()
same = next((n for n, (a, b) in enumerate(zip(sampled.tokens, made)) if a != b), len(made))
assert same >= 16, (sampled.tokens, made)
print("the same", same, "tokens")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    assert "stale: after weights were handed over" in done.stdout
    print(done.stdout.splitlines()[-1])
