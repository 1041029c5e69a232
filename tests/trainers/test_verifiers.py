"""verifiers: a task's own scoring with the reward plugged in by its import path."""

from __future__ import annotations

import asyncio
import inspect
import time

import pytest
from cases import CASES, FAILING, REPEATED, SETTINGS
from verifiers.v1.configs.task import RewardFunctionConfig, TaskConfig
from verifiers.v1.errors import TaskError
from verifiers.v1.task import Task, TaskData
from verifiers.v1.trace import AgentInfo, Trace, TraceTask

from rewardkit.scoring import COMPONENTS
from rewardkit_trainers.verifiers import reward


class Labelled(TaskData):
    label: str = ""
    rewardkit: dict = {}


def scored(case, **settings):
    """The trace of a rollout that gave this response, after the task's own scoring."""
    plugged = TaskConfig(
        rewards={"rewardkit": RewardFunctionConfig(fn="rewardkit_trainers.verifiers:reward", weight=1.0)},
        metrics={"components": {"fn": "rewardkit_trainers.verifiers:metrics"}},
    )
    data = Labelled(idx=0, name="case", prompt=case.prompt, label=case.label, rewardkit=settings)
    task = Task(data, plugged)
    trace = made(data, case.response)
    asyncio.run(task.score(trace))
    return trace


def made(data, response):
    """A trace whose last reply is this response."""
    return Trace(task=TraceTask(type="Task", data=data), agent=AgentInfo.model_construct(), root_reply=response)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_response_same_verdict(case):
    trace = scored(case)
    assert trace.rewards["rewardkit"].value == case.reward
    assert trace.reward == case.reward
    assert set(trace.metrics) == {f"rewardkit_{name}" for name in COMPONENTS}


@pytest.mark.parametrize("case", FAILING, ids=lambda case: case.name)
def test_what_fails_is_an_error_of_the_task_and_no_reward(case):
    start = time.perf_counter()
    with pytest.raises(TaskError):
        scored(case, **SETTINGS)
    assert time.perf_counter() - start < 25


def test_what_was_said_before_earns_nothing_where_it_is_remembered():
    found = [scored(case, remember=1000).reward for case in REPEATED]
    assert found == [case.reward for case in REPEATED]


def test_it_is_async_as_verifiers_demands():
    assert inspect.iscoroutinefunction(reward)
