"""verl: its reward managers in this process, and its reward loop on a local Ray."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
import ray
import torch
from cases import CASES, FAILING, OUTAGE, REPEATED, SETTINGS
from omegaconf import OmegaConf
from tiny import byte_tokenizer
from verl import DataProto
from verl.experimental.reward_loop.reward_loop import RewardLoopManager
from verl.trainer.ppo.reward import load_reward_manager

from rewardkit.scoring import COMPONENTS
from rewardkit_trainers.common import Unscored

TOKENIZER = byte_tokenizer()
WIDTH = 512


def config(name, tokenizer_path="", **kwargs):
    return OmegaConf.create(
        {
            "reward": {
                "num_workers": 2,
                "custom_reward_function": {
                    "path": "pkg://rewardkit_trainers.verl",
                    "name": name,
                    "reward_kwargs": kwargs,
                },
                "reward_manager": {"source": "register", "name": "naive", "module": {"path": None, "name": ""}},
                "reward_model": {"enable": False, "enable_resource_pool": False},
                "sandbox_fusion": None,
            },
            "actor_rollout_ref": {"model": {"path": tokenizer_path, "tokenizer_path": None}},
        }
    )


def batch(cases):
    """The cases as verl's rollout hands them over: responses padded on the right."""
    responses, mask = torch.zeros(len(cases), WIDTH, dtype=torch.long), torch.zeros(len(cases), WIDTH, dtype=torch.long)
    for n, case in enumerate(cases):
        tokens = TOKENIZER(case.response, add_special_tokens=False)["input_ids"] + [TOKENIZER.eos_token_id]
        responses[n, : len(tokens)], mask[n, : len(tokens)] = torch.tensor(tokens), 1
    prompts = torch.ones(len(cases), 4, dtype=torch.long)
    tensors = {"prompts": prompts, "responses": responses, "attention_mask": torch.cat([prompts, mask], dim=1)}
    columns = {
        "data_source": ["rewardkit"] * len(cases),
        "reward_model": [{"style": "rule", "ground_truth": case.label} for case in cases],
        "extra_info": [{"prompt": case.prompt} for case in cases],
    }
    return DataProto.from_dict(tensors=tensors, non_tensors={k: np.array(v, dtype=object) for k, v in columns.items()})


def scored(cases, name, **kwargs):
    async def run():
        manager = load_reward_manager(config(name, **kwargs), TOKENIZER)
        data = batch(cases)
        return [await manager.run_single(data[n : n + 1]) for n in range(len(cases))]

    return asyncio.run(run())


@pytest.mark.parametrize("name", ["compute_score", "acompute_score"])
def test_same_response_same_verdict(name):
    found = scored(CASES, name)
    assert [one["reward_score"] for one in found] == [case.reward for case in CASES]
    for one in found:
        assert set(one["reward_extra_info"]) == {"score", *COMPONENTS}
        assert all(isinstance(value, float) for value in one["reward_extra_info"].values())


@pytest.mark.parametrize("name", ["compute_score", "acompute_score"])
def test_what_fails_gets_the_number_that_was_set_and_is_counted(name):
    start = time.perf_counter()
    found = scored(FAILING, name, undecided=0.25, **SETTINGS)
    assert [one["reward_score"] for one in found] == [0.25] * len(FAILING)
    assert [one["reward_extra_info"]["masked"] for one in found] == [1.0] * len(FAILING)
    assert {frozenset(one["reward_extra_info"]) for one in found} == {frozenset({"score", *COMPONENTS})}
    assert time.perf_counter() - start < 30


@pytest.mark.parametrize("name", ["compute_score", "acompute_score"])
def test_what_was_said_before_earns_nothing_where_it_is_remembered(name):
    remember = 1000 + len(name)  # equal settings share a scorer
    assert [one["reward_score"] for one in scored(REPEATED, name, remember=remember)] == [1.0, 0.0, 0.0]
    assert [one["reward_score"] for one in scored(REPEATED, name)] == [1.0] * 3


def test_it_may_end_the_run_instead():
    with pytest.raises(Unscored, match="judge"):
        scored([OUTAGE], "compute_score", undecided="raise", **SETTINGS)


@pytest.fixture(scope="module")
def cluster():
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, configure_logging=False)
    yield
    ray.shutdown()


@pytest.mark.parametrize("name", ["compute_score", "acompute_score"])
def test_the_reward_loop_on_ray(cluster, tmp_path, name):
    TOKENIZER.save_pretrained(tmp_path)
    manager = RewardLoopManager(config(name, str(tmp_path), **SETTINGS))
    found = manager.compute_rm_score(batch([*CASES, OUTAGE]))
    assert found.batch["rm_scores"].sum(-1).tolist() == [*[case.reward for case in CASES], 0.0]
    assert found.non_tensor_batch["masked"].tolist() == [*[0.0] * len(CASES), 1.0]
    for worker in manager.reward_loop_workers:
        ray.kill(worker)
