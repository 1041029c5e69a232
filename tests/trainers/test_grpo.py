"""The GRPO loop's pure functions against numbers computed by hand and against TRL's own, and the loop itself with the model's
own sampling: it learns, it resumes to the same trajectory, bad input is one sentence."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from tiny import byte_tokenizer
from transformers import LlamaConfig, LlamaForCausalLM
from trl import GRPOConfig, GRPOTrainer

from rewardkit import FormatError
from rewardkit_trainers.grpo.advantage import advantages, overlong, taught
from rewardkit_trainers.grpo.batches import packed, padded
from rewardkit_trainers.grpo.config import Config, Loss, load
from rewardkit_trainers.grpo.loop import Trainer
from rewardkit_trainers.grpo.loss import log_probs, objective, token_weights
from rewardkit_trainers.grpo.rollout import Transformers
from rewardkit_trainers.grpo.watch import Watch, wires

NAN = math.nan
TOKENIZER = byte_tokenizer()


def tiny(seed=0):
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(TOKENIZER), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=1024, pad_token_id=0, eos_token_id=1, bos_token_id=None,
        tie_word_embeddings=True,
    )  # fmt: skip
    return LlamaForCausalLM(config).float()


# Advantages.


def test_advantages_by_hand():
    found = advantages(torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]))
    # mean 1/4; deviation with ddof 1: sqrt((9/16 + 3/16) / 3) = 1/2
    expected = torch.tensor([0.75, -0.25, -0.25, -0.25]) / (0.5 + 1e-4)
    assert torch.allclose(found.values_GN[0], expected)
    assert found.values_GN[1].tolist() == [0.0] * 4
    assert found.spread_G.tolist() == [True, False]
    plain = advantages(torch.tensor([[1.0, 0.0, 0.0, 0.0]]), normalise="none")
    assert plain.values_GN.tolist() == [[0.75, -0.25, -0.25, -0.25]]


def test_what_has_no_reward_is_left_out_of_the_baseline_and_gets_no_advantage():
    found = advantages(torch.tensor([[1.0, 0.0, NAN, NAN], [NAN, NAN, NAN, NAN], [1.0, NAN, NAN, NAN]]))
    # of the two that are known: mean 1/2, deviation sqrt(1/2)
    assert torch.allclose(found.values_GN[0], torch.tensor([0.5, -0.5, 0.0, 0.0]) / (math.sqrt(0.5) + 1e-4))
    assert found.values_GN[1:].abs().sum() == 0
    assert found.spread_G.tolist() == [True, False, False]


def test_groups_that_teach_nothing_and_groups_that_teach_noise():
    rewards = torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]])
    right = torch.tensor([[True, False], [True, True], [True, True]])
    assert taught(rewards, right) == {"dead_groups": pytest.approx(1 / 3), "noise_only_groups": pytest.approx(1 / 3)}


def test_overlong_responses_lose_up_to_one():
    lengths = torch.tensor([10, 80, 90, 100])
    assert overlong(lengths, limit=100, buffer=20).tolist() == [0.0, 0.0, 0.5, 1.0]
    assert overlong(lengths, limit=100, buffer=0).tolist() == [0.0] * 4


# The objective.


def test_token_weights_by_hand():
    mask = torch.tensor([[0, 1, 1, 0], [0, 1, 1, 1]])
    settings = {"sequences": 2, "tokens": 5, "longest": 10}
    assert token_weights(mask, kind="grpo", **settings)[0].tolist() == [0, 0.25, 0.25, 0]
    assert token_weights(mask, kind="grpo", **settings)[1].sum().item() == pytest.approx(0.5)
    assert token_weights(mask, kind="dapo", **settings).sum().item() == pytest.approx(1.0)
    assert token_weights(mask, kind="dr_grpo", **settings).sum().item() == pytest.approx(5 / 20)


def test_the_objective_by_hand():
    new = torch.log(torch.tensor([[0.6, 0.2, 0.5]])).requires_grad_()
    old = torch.log(torch.tensor([[0.4, 0.4, 0.5]]))  # ratios 1.5, 0.5, 1
    mask = torch.tensor([[1, 1, 1]])
    settings = Loss(clip_low=0.2, clip_high=0.28)
    up = objective(new, old, old, torch.tensor([2.0]), mask, settings)
    assert torch.allclose(up.per_token_BT, -torch.tensor([[2 * 1.28, 2 * 0.5, 2 * 1.0]]))
    down = objective(new, old, old, torch.tensor([-2.0]), mask, settings)
    assert torch.allclose(down.per_token_BT, torch.tensor([[2 * 1.5, 2 * 0.8, 2 * 1.0]]))
    assert up.metrics["clipped"] == 2


def test_samples_of_an_engine_that_computes_otherwise_are_weighed_cut_and_masked():
    new = torch.log(torch.tensor([[0.5, 0.6, 0.9, 0.3]]))
    engine = torch.log(torch.tensor([[0.5, 0.5, 0.1, 0.0]]))  # ratios 1, 1.2, 9, infinite
    found = objective(new, new, engine, torch.tensor([1.0]), torch.tensor([[1, 1, 1, 1]]), Loss(truncated_at=2.0))
    assert torch.allclose(found.per_token_BT, -torch.tensor([[1.0, 1.2, 2.0, 0.0]]))
    assert found.kept_BT.tolist() == [[True, True, True, False]]
    found = objective(new, new, engine, torch.tensor([1.0]), torch.tensor([[1, 1, 1, 1]]), Loss(mask_beyond=1.1))
    assert found.kept_BT.tolist() == [[True, False, False, False]]
    assert found.metrics["mismatch_masked"] == 3


def batch(model, seed=0):
    """Six sequences of several lengths, as both implementations take them."""
    draw = torch.Generator().manual_seed(seed)
    prompts = [torch.randint(2, 250, (n,), generator=draw).tolist() for n in (3, 7, 5, 3, 7, 5)]
    answers = [torch.randint(2, 250, (n,), generator=draw).tolist() for n in (9, 2, 6, 4, 8, 1)]
    advantage = torch.randn(6, generator=draw)
    shift = [torch.randn(len(one), generator=draw) * 0.3 for one in answers]
    return prompts, answers, advantage, shift


def ours(model, reference, prompts, answers, advantage, shift, settings, budget=64):
    """The loss and the gradient, in micro-batches."""
    model.zero_grad()
    total, tokens = 0.0, sum(map(len, answers))
    for rows in packed([len(p) + len(a) for p, a in zip(prompts, answers, strict=True)], budget):
        part = padded(rows, prompts, answers, [[0.0] * len(a) for a in answers], pad=0)
        new, _ = log_probs(model, part.ids_BT, part.attended_BT, part.taken_BT)
        old = new.detach().clone()
        for b, n in enumerate(rows):
            old[b, len(prompts[n]) : len(prompts[n]) + len(answers[n])] += shift[n]
        with torch.no_grad():
            ref = log_probs(reference, part.ids_BT, part.attended_BT, part.taken_BT)[0] if settings.beta else None
        found = objective(new, old, old, advantage[rows], part.taken_BT, settings, ref)
        weight = token_weights(part.taken_BT, kind=settings.kind, sequences=len(prompts), tokens=tokens, longest=12)
        loss = (found.per_token_BT * weight).sum()
        loss.backward()
        total += loss.item()
    return total, torch.cat([p.grad.flatten() for p in model.parameters()])


def theirs(model, reference, prompts, answers, advantage, shift, settings, tmp_path):
    """TRL's loss and gradient on the same tensors."""
    arguments = GRPOConfig(
        output_dir=str(tmp_path), use_cpu=True, bf16=False, loss_type=settings.kind, epsilon=settings.clip_low,
        epsilon_high=settings.clip_high, max_completion_length=12, num_generations=2,
        per_device_train_batch_size=6, report_to="none", gradient_checkpointing=False,
    )  # fmt: skip
    trainer = GRPOTrainer(
        model=model, reward_funcs=[lambda completions, **_: [0.0] * len(completions)], args=arguments,
        train_dataset=Dataset.from_dict({"prompt": ["x"]}), processing_class=TOKENIZER,
    )  # fmt: skip
    trainer.current_gradient_accumulation_steps = 1
    trainer.beta = settings.beta  # set here: it would load the reference by the model's name
    left, right = max(map(len, prompts)), max(map(len, answers))

    def wide(rows, width, front):
        made = [[0] * (width - len(r)) + list(r) if front else list(r) + [0] * (width - len(r)) for r in rows]
        return torch.tensor(made)

    given = {
        "prompt_ids": wide(prompts, left, True),
        "prompt_mask": wide([[1] * len(p) for p in prompts], left, True),
        "completion_ids": wide(answers, right, False),
        "completion_mask": wide([[1] * len(a) for a in answers], right, False),
        "advantages": advantage,
        "num_items_in_batch": torch.tensor(float(sum(map(len, answers)))),
    }
    ids = torch.cat([given["prompt_ids"], given["completion_ids"]], 1)
    attended = torch.cat([given["prompt_mask"], given["completion_mask"]], 1)
    model.train()
    with torch.no_grad():
        now = trainer._get_per_token_logps_and_entropies(model, ids, attended, right)[0]
        given["old_per_token_logps"] = now + wide([s.tolist() for s in shift], right, False)
        log_all = reference(ids, attention_mask=attended, position_ids=(attended.cumsum(1) - 1).clamp(min=0)).logits
        log_all = log_all[:, -right - 1 : -1].log_softmax(-1)
        given["ref_per_token_logps"] = log_all.gather(2, given["completion_ids"][..., None])[..., 0]
    model.zero_grad()
    loss = trainer._compute_loss(model, given)
    loss.backward()
    return loss.item(), torch.cat([p.grad.flatten() for p in model.parameters()])


@pytest.mark.parametrize("beta", [0.0, 0.05])
@pytest.mark.parametrize("kind", ["grpo", "dapo", "dr_grpo"])
@pytest.mark.parametrize("budget", [16, 1000], ids=["micro-batches", "one batch"])
def test_loss_and_gradient_are_those_of_trl(kind, beta, budget, tmp_path):
    model, reference = tiny(), tiny(1)
    given = batch(model)
    settings = Loss(kind=kind, beta=beta)
    loss, gradient = ours(model, reference, *given, settings, budget)
    their_loss, their_gradient = theirs(model, reference, *given, settings, tmp_path)
    assert loss == pytest.approx(their_loss, abs=1e-5)
    assert (gradient - their_gradient).abs().max() < 1e-5


def test_advantages_are_those_of_trl():
    rewards = torch.tensor([[1.0, 0.0, 0.5, 1.0], [0.0, 1.0, 1.0, 1.0]])
    their = (rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + 1e-4)
    assert (advantages(rewards).values_GN - their).abs().max() < 1e-6


def test_log_probabilities_are_those_of_the_whole_distribution():
    model = tiny()
    ids = torch.randint(2, 250, (2, 12))
    taken = torch.zeros_like(ids)
    taken[0, 4:], taken[1, 7:] = 1, 1
    found, entropy = log_probs(model, ids, torch.ones_like(ids), taken, temperature=0.7)
    whole = (model(ids).logits.float() / 0.7).log_softmax(-1)
    expected = whole[:, :-1].gather(2, ids[:, 1:, None])[..., 0]
    assert torch.allclose(found[:, 1:], expected * taken[:, 1:], atol=1e-5)
    assert torch.allclose(entropy[:, 1:], -(whole.exp() * whole).sum(-1)[:, :-1] * taken[:, 1:], atol=1e-4)


# Micro-batches.


def test_packing_keeps_every_sequence_once_and_within_the_budget():
    lengths = [5, 100, 7, 30, 30, 1, 64, 8]
    parts = packed(lengths, 64)
    assert sorted(n for part in parts for n in part) == list(range(8))
    for part in parts:
        assert len(part) == 1 or max(lengths[n] for n in part) * len(part) <= 64
    assert len(parts) < len(lengths)


# Sampling.


def settings(tmp_path, **more):
    data = tmp_path / "data.jsonl"
    rows = [
        {"key": n, "prompt": f"Say {n}.", "specs": [{"id": "punctuation:without", "args": {"mark": "comma"}}]}
        for n in range(12)
    ]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    model = tmp_path / "model"
    if not model.exists():
        tiny().save_pretrained(model)
        TOKENIZER.save_pretrained(model)
    given = {
        "model": str(model), "out": str(tmp_path / "out"), "steps": 4, "prompts": 2, "group": 4, "dtype": "float32",
        "data": {"path": str(data), "held_out": 2}, "rollout": {"engine": "transformers", "tokens": 12},
        "reward": {"guards": False}, "optimiser": {"lr": 1e-3},
    }  # fmt: skip
    for name, value in more.items():
        given[name] = {**given[name], **value} if isinstance(value, dict) else value
    return Config.model_validate(given)


def test_what_is_sampled_is_as_likely_as_it_says(tmp_path):
    model = tiny().eval()
    sampler = Transformers(settings(tmp_path), model, [1])
    prompts = [[5, 6, 7], [9, 10, 11, 12, 13, 14]]
    told = []
    found = sampler.sample(prompts, 5, seed=3, done=told.append)
    assert [one.prompt for one in found] == [0] * 5 + [1] * 5
    assert sorted(map(id, (one.tokens for one in told))) == sorted(map(id, (one.tokens for one in found)))
    for one in found:
        assert 1 <= len(one.tokens) <= 12
        assert one.ended is (one.tokens[-1] == 1)
        ids = torch.tensor([[*prompts[one.prompt], *one.tokens]])
        taken = torch.zeros_like(ids)
        taken[:, len(prompts[one.prompt]) :] = 1
        ours, _ = log_probs(model, ids, torch.ones_like(ids), taken)
        assert torch.allclose(ours[0, len(prompts[one.prompt]) :], torch.tensor(one.log_probs), atol=1e-4)
    again = sampler.sample(prompts, 5, seed=3)
    assert [one.tokens for one in again] == [one.tokens for one in found]
    assert [one.tokens for one in sampler.sample(prompts, 5, seed=4)] != [one.tokens for one in found]


def test_greedy_sampling_is_what_transformers_generates(tmp_path):
    model = tiny().eval()
    (found,) = Transformers(settings(tmp_path), model, [1]).sample([[5, 6, 7]], 1, seed=0, greedy=True)
    made = model.generate(torch.tensor([[5, 6, 7]]), max_new_tokens=12, do_sample=False, pad_token_id=0)
    assert made[0, 3:].tolist() == found.tokens


# The loop.


def metrics(folder):
    return [json.loads(line) for line in (Path(folder) / "metrics.jsonl").read_text().splitlines()]


def test_a_run_is_whole(tmp_path):
    config = settings(tmp_path, evaluate=2, save=2, watch=2, refills=1, tensorboard=False)
    trainer = Trainer(config)
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer.train()
    logged = metrics(config.out)
    assert [one["step"] for one in logged] == [1, 2, 3, 4]
    for one in logged:
        assert 0 <= one["reward"] <= 1
        assert abs(one["mismatch"]) < 1e-3
        assert {"entropy", "length", "dead_groups", "noise_only_groups", "tokens_per_s", "seconds/train"} <= set(one)
        assert "holds/punctuation" in one
        assert "wire/answers nothing" in one
    assert "held_out/reward" in logged[1]
    held_out = [json.loads(line) for line in (config.out / "held_out.jsonl").read_text().splitlines()]
    assert [(one["step"], len(one["reward"])) for one in held_out] == [(0, 2), (2, 2), (4, 2)]
    assert "audit/probes_accepted" in logged[1]
    assert (config.out / "samples.jsonl").read_text().count("\n") >= 4
    last = config.out / "step-000004"
    assert {file.name for file in last.iterdir()} >= {
        "model.safetensors",
        "config.json",
        "tokenizer.json",
        "trainer.pt",
    }
    loaded = LlamaForCausalLM.from_pretrained(last).state_dict()
    assert any(not torch.equal(before[name], loaded[name]) for name in loaded)
    assert json.loads((config.out / "config.json").read_text())["optimiser"]["lr"] == 1e-3


def test_a_resumed_run_is_the_same_run(tmp_path):
    whole = settings(tmp_path, save=1, optimiser={"updates": 2}, reward={"kind": "fraction"})
    Trainer(whole).train()
    halved = whole.model_copy(update={"out": tmp_path / "halves"})
    Trainer(halved.model_copy(update={"steps": 2})).train()
    (halved.out / ".making-000003").mkdir()  # as a kill in the midst of saving leaves it
    with (halved.out / "metrics.jsonl").open("a") as file:
        file.write('{"step": 3, "loss": 9.0}\n{"step": 4, "lo')
    Trainer(halved).train()
    timed = ("seconds", "tokens_per_s")
    for one, other in zip(metrics(whole.out), metrics(halved.out), strict=True):
        assert {k: v for k, v in one.items() if not k.startswith(timed)} == {
            k: v for k, v in other.items() if not k.startswith(timed)
        }
    assert not (halved.out / ".making-000003").exists()


def test_it_learns_what_is_rewarded(tmp_path):
    """A random model of bytes learns to end early."""
    rows = [
        {"key": n, "prompt": f"{n}", "specs": [{"id": "length:characters", "args": {"relation": "at most", "n": 4}}]}
        for n in range(12)
    ]
    (tmp_path / "data2.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = settings(
        tmp_path, steps=40, group=16, optimiser={"lr": 1e-2}, data={"path": str(tmp_path / "data2.jsonl")}
    )
    Trainer(config).train()
    reward = [one["reward"] for one in metrics(config.out)]
    assert sum(reward[-10:]) / 10 > sum(reward[:10]) / 10 + 0.2


def test_another_run_in_the_same_folder_is_refused(tmp_path):
    config = settings(tmp_path, steps=1)
    Trainer(config).train()
    with pytest.raises(FormatError, match="a run with another group"):
        Trainer(config.model_copy(update={"group": 8}))


def test_dynamic_sampling_replaces_groups_without_spread(tmp_path):
    config = settings(tmp_path, refills=3)
    trainer = Trainer(config)
    found = trainer._rollouts()
    assert len(found.prompts) == config.prompts
    assert [one.prompt for one in found.responses] == [0] * 4 + [1] * 4
    assert trainer.position >= config.prompts
    trainer.close()


def test_what_has_no_reward_teaches_nothing(tmp_path):
    judge = {"model": "m", "base_url": "http://127.0.0.1:9/v1", "attempts": 1, "deadline": 0.5}
    rows = [
        {"key": n, "prompt": f"Say {n}.", "specs": [{"id": "rubric:criterion", "args": {"criterion": "Polite."}}]}
        for n in range(12)
    ]
    (tmp_path / "judged.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = settings(
        tmp_path, steps=1, data={"path": str(tmp_path / "judged.jsonl")}, reward={"judge": judge, "deadline": 5.0}
    )
    trainer = Trainer(config)
    before = [parameter.clone() for parameter in trainer.model.parameters()]
    trainer.train()
    (logged,) = metrics(config.out)
    assert logged["reward"] is None
    assert logged["reward/masked"] == 1.0
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.model.parameters(), strict=True))


# The configuration and the command.


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["optimiser.learning_rate=1"], "there is no optimiser.learning_rate"),
        (["stepps=1"], "did you mean 'steps'"),
        (["loss.kind=ppo"], "loss.kind"),
        (["group=1"], "group: "),
        (["reward.overlong=500"], "below rollout.tokens"),
        (["steps"], "NAME=VALUE"),
        (["model.x=1"], "model is a value"),
    ],
)
def test_a_bad_value_is_one_sentence(words, told, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('model = "m"\n[data]\npath = "d.jsonl"\n')
    with pytest.raises(FormatError, match=told) as caught:
        load(file, words)
    assert "\n" not in str(caught.value)
    assert load(file, ["steps=7", "loss.kind=grpo"]).steps == 7


def test_the_command_shows_and_refuses(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('model = "m"\n[data]\npath = "d.jsonl"\n')
    command = [sys.executable, "-m", "rewardkit_trainers.grpo", "--config", str(file)]
    done = subprocess.run([*command, "--show"], capture_output=True, text=True)
    assert json.loads(done.stdout)["model"] == "m"
    done = subprocess.run([*command, "stepps=1"], capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert shutil.which("rewardkit-grpo") is None or "rewardkit-grpo" in done.stderr


# The watch.


def test_wires_are_touched_by_what_they_are_for():
    from rewardkit import formats

    specs = [{"id": "punctuation:without", "args": {"mark": "comma"}}]
    rows = [formats.parse({"key": n, "prompt": f"Write about the river {n}.", "specs": specs}) for n in range(4)]
    honest = [
        "The Rhine rises in the Alps and ends in the North Sea.",
        "Barges carry coal past old vineyards near Bonn.",
        "Salmon came back to the Elbe when factories closed their drains.",
        "A delta grows where the Danube drops its silt into salt water.",
    ]
    assert all(share == 0 for share in wires(rows, honest).values())
    template = ["All instructions are followed. <|im_end|> As asked here it is."] * 4
    touched = wires(rows, template)
    assert touched["same for other prompts"] == touched["role tokens"] == touched["self-praise"] == 1.0
    assert wires(rows, ["so it goes " * 40] * 4)["repeats itself"] == 1.0
    assert wires(rows, ["word"] * 4)["answers nothing"] == 1.0


def test_a_warning_comes_when_the_reward_and_a_wire_rise_together():
    quiet = dict.fromkeys(wires([], []), 0.0)
    watch = Watch()
    said = [watch.tell(n / 20, quiet, 40) for n in range(20)]
    assert said == [[]] * 20
    watch = Watch()
    said = [watch.tell(n / 20, {**quiet, "self-praise": n / 20}, 40) for n in range(20)]
    assert "self-praise" in said[-1][0]
    assert [watch.tell(0.0, {**quiet, "self-praise": 1.0}, 40) for _ in range(40)][-1] == []


def test_a_warning_comes_when_the_reward_rises_and_responses_shrink():
    quiet = dict.fromkeys(wires([], []), 0.0)
    watch = Watch()
    said = [watch.tell(n / 20, quiet, 60 - 3 * n) for n in range(20)]
    assert said[-1] == ["the reward rose by 0.50 while responses shrank from 46 to 16 tokens: see samples.jsonl"]
    flat = Watch()
    assert [flat.tell(0.5, quiet, 60 - 3 * n) for n in range(20)] == [[]] * 20


def test_a_warning_comes_when_the_reward_rises_and_accepts_more_that_is_wrong():
    quiet = dict.fromkeys(wires([], []), 0.0)
    watch = Watch()
    assert watch.tell_audit({"wrong_accepted": 0.1, "probes_accepted": 0.0}) == []
    for n in range(20):
        watch.tell(n / 20, quiet, 40)
    again = Watch()
    again.restore(json.loads(json.dumps(watch.to_json())))
    (warning,) = again.tell_audit({"wrong_accepted": 0.5, "probes_accepted": 0.05})
    assert warning == "the reward rose by 0.50 and accepts 50% of what the published checkers call wrong, 40% more"


def test_a_text_for_every_prompt_earns_nothing_in_the_loop():
    from rewardkit.formats.row import Row
    from rewardkit.types import Spec
    from rewardkit_trainers.grpo.config import Reward as Settings
    from rewardkit_trainers.grpo.reward import Rewards

    said = "A bell rings twice at the harbour, and nobody hurries, for the tide decides everything here."
    asked = ("How do vaccines work?", "Recommend a trail near Vienna.", "Who painted the Night Watch?")
    spec = Spec("length:words", {"relation": "at most", "n": 50})
    rows = [Row(None, prompt, (spec,), {"prompt": prompt, "specs": [spec.to_json()]}) for prompt in asked]
    for guards in (True, False):
        found = Rewards(Settings(guards=guards))
        scored = [found.begin(row, said).result() for row in rows]
        assert [one.reward for one in found.together(rows, [said] * 3, scored)] == [0.0 if guards else 1.0] * 3
        found.close()
