"""skyrl-gym: the environment registered, made, stepped, its metrics aggregated."""

from __future__ import annotations

import time

import pytest
import skyrl_gym
from cases import CASES, FAILING, REPEATED, SETTINGS

from rewardkit.scoring import COMPONENTS
from rewardkit_trainers.common import Unscored

skyrl_gym.register(id="rewardkit", entry_point="rewardkit_trainers.skyrl:Environment")


def played(case, **settings):
    """The environment after its one step, and what the step gave."""
    extras = {"reward_spec": {"method": "rule", "ground_truth": case.label}, "data_source": "test"}
    environment = skyrl_gym.make("rewardkit", env_config={"rewardkit": settings}, extras=extras)
    prompt, told = environment.init([{"role": "user", "content": case.prompt}])
    assert (prompt[0]["content"], told) == (case.prompt, {})
    return environment, environment.step(case.response)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_response_same_verdict(case):
    environment, step = played(case)
    assert step["reward"] == case.reward
    assert step["done"] is True
    assert set(environment.get_metrics()) == set(COMPONENTS)


@pytest.mark.parametrize("case", FAILING, ids=lambda case: case.name)
def test_what_fails_gets_the_number_that_was_set_and_is_counted(case):
    start = time.perf_counter()
    environment, step = played(case, undecided=0.5, **SETTINGS)
    assert step["reward"] == 0.5
    assert environment.get_metrics()["masked"] == 1.0
    assert step["metadata"]["failure"] in ("judge", "error", "timeout")
    assert played(case, **SETTINGS)[1]["reward"] == 0.0
    with pytest.raises(Unscored):
        played(case, undecided="raise", **SETTINGS)
    assert time.perf_counter() - start < 30


def test_what_was_said_before_earns_nothing_where_it_is_remembered():
    found = [played(case, remember=1000)[1]["reward"] for case in REPEATED]
    assert found == [case.reward for case in REPEATED]


def test_metrics_are_averaged_over_episodes():
    given = [played(case)[0] for case in CASES]
    means = type(given[0]).aggregate_metrics([one.get_metrics() for one in given])
    assert means["reward"] == pytest.approx(sum(case.reward for case in CASES) / len(CASES))
