"""TRL: two real GRPO steps with each form of the reward."""

from __future__ import annotations

import asyncio
import inspect
import pickle
import time

import pytest
import torch
from cases import CASES, FAILING, SETTINGS
from datasets import Dataset
from tiny import byte_tokenizer
from transformers import Qwen2Config, Qwen2ForCausalLM
from trl import GRPOConfig, GRPOTrainer

from rewardkit.judge import OpenAIJudge
from rewardkit.scoring import COMPONENTS
from rewardkit_trainers.trl import AsyncReward, Reward, areward, reward

JUDGED = {"deadline": SETTINGS["deadline"], "judge": OpenAIJudge(**SETTINGS["judge"])}


def columns(cases):
    return {"specs": [case.specs for case in cases]}


@pytest.mark.parametrize("function", [reward, areward])
@pytest.mark.parametrize("chat", [False, True])
def test_same_response_same_verdict(function, chat):
    prompts, completions = [case.prompt for case in CASES], [case.response for case in CASES]
    if chat:
        prompts = [[{"role": "system", "content": "Be brief."}, {"role": "user", "content": one}] for one in prompts]
        completions = [[{"role": "assistant", "content": one}] for one in completions]
    logged = {}
    found = function(
        prompts=prompts,
        completions=completions,
        completion_ids=[[1]] * len(CASES),
        trainer_state=None,
        log_metric=logged.__setitem__,
        log_extra=logged.__setitem__,
        **columns(CASES),
    )
    found = asyncio.run(found) if inspect.isawaitable(found) else found
    assert found == [case.reward for case in CASES]
    assert {f"rewardkit/{name}" for name in COMPONENTS} <= set(logged)
    assert logged["rewardkit/undecided"] == pytest.approx(1 / len(CASES))
    assert any("comma" in why for why in logged["rewardkit_why"])


@pytest.mark.parametrize("kind", [Reward, AsyncReward])
def test_what_fails_is_none(kind):
    start = time.perf_counter()
    function = kind(**JUDGED)
    found = function([one.prompt for one in FAILING], [one.response for one in FAILING], **columns(FAILING))
    found = asyncio.run(found) if inspect.isawaitable(found) else found
    assert found == [None, None, None]
    assert time.perf_counter() - start < 30


def test_it_pickles_and_keeps_its_name():
    for one in (reward, areward, Reward("strict", reward="fraction", guards=False), Reward(**JUDGED)):
        again = pickle.loads(pickle.dumps(one))
        assert again.__name__ == one.__name__
        assert again.scorer.guards == one.scorer.guards


@pytest.fixture(scope="module")
def tiny():
    """A random Qwen2."""
    tokenizer = byte_tokenizer()
    config = Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=2, max_position_embeddings=512, pad_token_id=0, eos_token_id=1, bos_token_id=None,
    )  # fmt: skip
    torch.manual_seed(0)
    return Qwen2ForCausalLM(config), tokenizer


@pytest.mark.parametrize("chat", [False, True], ids=["plain", "chat"])
@pytest.mark.parametrize("kind", [Reward, AsyncReward])
def test_two_steps_of_grpo(tiny, tmp_path, kind, chat):
    model, tokenizer = tiny
    cases = [case for case in CASES if case.name != "undecided by the response"][:4]
    prompts = [[{"role": "user", "content": case.prompt}] if chat else case.prompt for case in cases]
    data = Dataset.from_dict({"prompt": prompts, "label": [case.label for case in cases]})
    arguments = GRPOConfig(
        output_dir=str(tmp_path), use_cpu=True, bf16=False, max_steps=2, per_device_train_batch_size=4,
        num_generations=2, max_completion_length=8, report_to="none", logging_steps=1, save_strategy="no",
    )  # fmt: skip
    trainer = GRPOTrainer(
        model=model, reward_funcs=[kind()], args=arguments, train_dataset=data, processing_class=tokenizer
    )
    trainer.train()
    logs = [entry for entry in trainer.state.log_history if "rewards/rewardkit/mean" in entry]
    assert len(logs) == 2
    for entry in logs:
        assert 0 <= entry["rewards/rewardkit/mean"] <= 1
        assert entry["rewardkit/masked"] == 0.0


def test_an_outage_gives_no_advantage_and_training_goes_on(tiny, tmp_path):
    model, tokenizer = tiny
    before = [parameter.clone() for parameter in model.parameters()]
    data = Dataset.from_dict({"prompt": [FAILING[0].prompt] * 2, "label": [FAILING[0].label] * 2})
    arguments = GRPOConfig(
        output_dir=str(tmp_path), use_cpu=True, bf16=False, max_steps=1, per_device_train_batch_size=2,
        num_generations=2, max_completion_length=8, report_to="none", logging_steps=1, save_strategy="no",
    )  # fmt: skip
    trainer = GRPOTrainer(
        model=model, reward_funcs=[Reward(**JUDGED)], args=arguments, train_dataset=data, processing_class=tokenizer
    )
    trainer.train()
    assert trainer.state.log_history[0]["rewardkit/masked"] == 1.0
    assert all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
